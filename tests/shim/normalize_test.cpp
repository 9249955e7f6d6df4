// Normalisation and its gradient against the naive device: all statistics, splits into groups and types, each in several orders of the
// threads, with guards around what the kernels may write.
#include "kernels/normalize.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "base/format.h"
#include "device/device.h"
#include "device/ops.h"
#include "math/philox.h"
#include "shim/orders.h"

namespace fgan {
namespace {

using kernels::Array, kernels::Type;
using Numbers = std::vector<float>;

// Memory of the size asked for between guards, at first without a number in it.
class Guarded {
 public:
  explicit Guarded(std::size_t bytes) : words_(2 * kGuard + (bytes + 3) / 4, kUnwritten) {
    std::fill_n(words_.begin(), kGuard, kGuardWord);
    std::fill_n(words_.end() - kGuard, kGuard, kGuardWord);
    offset_ = kGuard * 4;
    bytes_ = bytes;
  }
  void* data() { return reinterpret_cast<std::byte*>(words_.data()) + offset_; }
  void check() {
    const auto* first = static_cast<const std::byte*>(data());
    CHECK_MESSAGE(std::all_of(words_.begin(), words_.begin() + kGuard, [](std::uint32_t w) { return w == kGuardWord; }), "written before");
    CHECK_MESSAGE(std::all_of(words_.end() - kGuard, words_.end(), [](std::uint32_t w) { return w == kGuardWord; }), "written behind");
    for (std::size_t at = bytes_; at % 4 != 0; ++at) CHECK(first[at] == std::byte{0xff});
  }

 private:
  static constexpr std::size_t kGuard = 16;
  static constexpr std::uint32_t kGuardWord = 0xa5a5a5a5u, kUnwritten = 0xffffffffu;
  std::vector<std::uint32_t> words_;
  std::size_t offset_, bytes_;
};

// Numbers as f32 or bf16 in guarded memory; none at all where there are no numbers.
class Operand {
 public:
  Operand(Type type, std::size_t count) : type_(type), count_(count), memory_(count * size()) {}
  Operand(Type type, const Numbers& numbers) : Operand(type, numbers.size()) {
    for (std::size_t i = 0; i < count_; ++i)
      if (type_ == Type::f32) at<float>(i) = numbers[i];
      else at<math::Bf16>(i) = math::to_bf16(numbers[i]);
  }
  Array array() { return {count_ > 0 ? memory_.data() : nullptr, type_}; }
  float* floats() { return static_cast<float*>(array().data); }
  Numbers numbers() {
    memory_.check();
    Numbers all;
    for (std::size_t i = 0; i < count_; ++i) all.push_back(type_ == Type::f32 ? at<float>(i) : math::to_float(at<math::Bf16>(i)));
    return all;
  }

 private:
  std::size_t size() const { return type_ == Type::f32 ? 4 : 2; }
  template <class T>
  T& at(std::size_t i) {
    return static_cast<T*>(memory_.data())[i];
  }
  Type type_;
  std::size_t count_;
  Guarded memory_;
};

struct Case {
  Shape shape;
  math::NormSpec spec;
  int groups = 1;
  Type type = Type::f32;
  double mean = 0;
  bool dx = true, parameters = true, in_place = false;
};

constexpr const char* kStatistics[] = {"none", "batch", "given", "reference", "virtual batch"};

std::string name(const Case& c) {
  return format("{}{} of {} {} in {} groups, activation {}, mean {}{}{}{}", kStatistics[static_cast<int>(c.spec.statistics)],
                c.spec.reference_gradient ? "" : " held", c.type == Type::f32 ? "f32" : "bf16", to_string(c.shape), c.groups,
                static_cast<int>(c.spec.activation.kind), c.mean, c.dx ? "" : ", parameters only", c.parameters ? "" : ", input only",
                c.in_place ? ", in place" : "");
}

Numbers uniform(std::uint32_t place, std::int64_t count, double low, double high, Type type = Type::f32) {
  Numbers numbers;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto u = static_cast<double>(math::uniform(20161202, math::Purpose::bench, place, 0, static_cast<std::uint32_t>(i)));
    const auto x = static_cast<float>(low + u * (high - low));
    numbers.push_back(type == Type::f32 ? x : math::to_float(math::to_bf16(x)));
  }
  return numbers;
}

bool measures(const Case& c) { return measures_rows(c.spec.statistics); }

std::vector<RowGroup> groups_of(const Case& c) {
  const std::int64_t rows = c.shape.n;
  std::vector<RowGroup> groups;
  if (c.groups == 1 || rows < c.groups) groups = {{0, rows, Role::real}};
  else if (c.groups == 2) groups = {{0, (rows + 2) / 3, Role::real}, {(rows + 2) / 3, rows - (rows + 2) / 3, Role::fake}};
  else {
    const std::int64_t a = std::max<std::int64_t>(1, rows / 4), b = (rows - a) / 2;
    groups = {{0, a, Role::reference}, {a, b, Role::real}, {a + b, rows - a - b, Role::fake}};
  }
  if (uses_reference(c.spec.statistics)) groups[0].role = Role::reference;
  return groups;
}

kernels::RowGroups by_value(const std::vector<RowGroup>& groups) {
  kernels::RowGroups all;
  for (const RowGroup& g : groups) all.at[all.count++] = g;
  return all;
}

std::int64_t sets_of(const Case& c) {
  const std::vector<RowGroup> groups = groups_of(c);
  if (c.spec.statistics == Statistics::virtual_batch) return 1 + c.shape.n - groups[0].count;
  if (c.spec.statistics == Statistics::batch) return static_cast<std::int64_t>(groups.size());
  return c.spec.statistics == Statistics::none ? 0 : 1;
}

kernels::NormShape norm_shape(const Case& c) { return {c.shape.n, c.shape.h * c.shape.w, c.shape.c}; }

// Scratch of just the size asked for.
template <class Call>
void with_scratch(const Case& c, const Call& call) {
  const std::size_t bytes = kernels::normalize_scratch(norm_shape(c));
  Guarded scratch(bytes);
  call(kernels::Scratch{scratch.data(), bytes});
  scratch.check();
}

struct Given {
  Numbers x, y, dy, gain, bias, moments;
};

struct Forward {
  Numbers y, moments;
  bool operator==(const Forward&) const = default;
};
struct Backward {
  Numbers dx, dgain, dbias;
  bool operator==(const Backward&) const = default;
};

Forward forward_by_kernels(const Case& c, const Given& given) {
  Operand x(c.type, given.x), gain(Type::f32, given.gain), bias(Type::f32, given.bias), moments(Type::f32, given.moments);
  Operand y(c.type, given.x.size());
  if (measures(c)) moments = Operand(Type::f32, given.moments.size());
  with_scratch(c, [&](kernels::Scratch scratch) {
    kernels::normalize(nullptr, c.spec, by_value(groups_of(c)), norm_shape(c), x.array(), gain.floats(), bias.floats(),
                       c.in_place ? x.array() : y.array(), moments.floats(), scratch);
  });
  if (!c.in_place) CHECK(x.numbers() == given.x);
  CHECK(gain.numbers() == given.gain);
  CHECK(bias.numbers() == given.bias);
  return {c.in_place ? x.numbers() : y.numbers(), moments.numbers()};
}

Backward backward_by_kernels(const Case& c, const Given& given) {
  Operand x(c.type, given.x), y(c.type, given.y), dy(c.type, given.dy), gain(Type::f32, given.gain), moments(Type::f32, given.moments);
  const std::size_t channels = given.gain.size();
  Operand dx(c.type, c.dx ? given.x.size() : 0), dgain(Type::f32, c.parameters ? channels : 0),
      dbias(Type::f32, c.parameters ? channels : 0);
  with_scratch(c, [&](kernels::Scratch scratch) {
    kernels::normalize_grad(nullptr, c.spec, by_value(groups_of(c)), norm_shape(c), x.array(), y.array(), dy.array(), gain.floats(),
                            moments.floats(), c.in_place ? dy.array() : dx.array(), dgain.floats(), dbias.floats(), scratch);
  });
  CHECK(x.numbers() == given.x);
  CHECK(y.numbers() == given.y);
  if (!c.in_place) CHECK(dy.numbers() == given.dy);
  CHECK(moments.numbers() == given.moments);
  return {c.in_place ? dy.numbers() : dx.numbers(), dgain.numbers(), dbias.numbers()};
}

Tensor tensor(Numbers& numbers, const Shape& shape) { return {numbers.empty() ? nullptr : numbers.data(), shape, DType::f32}; }

Device& naive() {
  static const std::unique_ptr<Device> device = make_device({.name = "naive", .threads = 1});
  return *device;
}

Forward forward_by_oracle(const Case& c, Given given) {
  const Shape row{1, 1, 1, c.shape.c};
  Forward result{Numbers(given.x.size()), given.moments};
  naive().ops().normalize(naive().queue(), c.spec, groups_of(c), tensor(given.x, c.shape), tensor(given.gain, row), tensor(given.bias, row),
                          tensor(result.y, c.shape), tensor(result.moments, {sets_of(c), 2, 1, c.shape.c}));
  return result;
}

Backward backward_by_oracle(const Case& c, Given given) {
  const Shape row{1, 1, 1, c.shape.c};
  const std::size_t channels = c.parameters ? given.gain.size() : 0;
  Backward result{Numbers(c.dx ? given.x.size() : 0), Numbers(channels), Numbers(channels)};
  naive().ops().normalize_grad(naive().queue(), c.spec, groups_of(c), tensor(given.x, c.shape), tensor(given.y, c.shape),
                               tensor(given.dy, c.shape), tensor(given.gain, row), tensor(given.moments, {sets_of(c), 2, 1, c.shape.c}),
                               tensor(result.dx, c.shape), tensor(result.dgain, row), tensor(result.dbias, row));
  return result;
}

// `length` roundings of numbers of size `terms`, as a random walk (tests/conformance/run_case.cpp); a bf16 is rounded once more.
void compare(const char* what, const Numbers& expected, const Numbers& found, double length, double terms, Type type) {
  REQUIRE(expected.size() == found.size());
  const double tolerance = 2 * 0x1p-23 * std::sqrt(length) * terms, rounding = type == Type::bf16 ? 0x1p-8 : 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double e = static_cast<double>(expected[i]), error = std::abs(e - static_cast<double>(found[i]));
    if (!(error <= tolerance + rounding * std::abs(e))) {
      FAIL_CHECK(format("{} element {}: {:.9g} expected, {:.9g} found, tolerance {:.3g}", what, i, e, found[i], tolerance));
      return;
    }
  }
}

Given operands(const Case& c) {
  const std::int64_t count = c.shape.count(), channels = c.shape.c, moments = sets_of(c) * 2 * channels;
  const bool positive = c.spec.activation.kind == math::Activation::sigmoid;
  return {uniform(0, count, c.mean - 1, c.mean + 1, c.type),
          uniform(1, count, positive ? 0.02 : -0.19, 0.98, c.type),
          uniform(2, count, -1, 1, c.type),
          uniform(3, channels, -1, 1),
          uniform(4, channels, -1, 1),
          uniform(5, moments, 0.2, 0.4)};
}

// What the sums of cases_channels.cpp allow.
void check_forward(const Case& c, int orders = 2) {
  INFO("forward: ", name(c));
  const Given given = operands(c);
  const double smallest = static_cast<double>(groups_of(c)[0].count * c.shape.h * c.shape.w);
  const double terms = (smallest < 2 ? 320 : smallest < 8 ? 30 : 6) * (2 + c.mean);
  const Forward expected = forward_by_oracle(c, given), found = test::in_orders(orders, [&] { return forward_by_kernels(c, given); });
  compare("y", expected.y, found.y, 2, terms, c.type);
  compare("moments", expected.moments, found.moments, 4, 1 + c.mean, Type::f32);
}

void check_backward(const Case& c, int orders = 2) {
  INFO("gradient: ", name(c));
  const Given given = operands(c);
  const Backward expected = backward_by_oracle(c, given), found = test::in_orders(orders, [&] { return backward_by_kernels(c, given); });
  const auto pixels = static_cast<double>(c.shape.pixels());
  compare("dx", expected.dx, found.dx, 4, 30, c.type);
  compare("dgain", expected.dgain, found.dgain, pixels, 4, Type::f32);
  compare("dbias", expected.dbias, found.dbias, pixels, 4, Type::f32);
}

// One pixel, one row, channels that make no whole pack or more than one tile, rows that no team divides, and enough for many blocks.
const std::vector<Shape> kShapes{{1, 1, 1, 1},   {7, 5, 3, 1},   {3, 7, 5, 3},   {64, 1, 1, 31}, {2, 9, 9, 33},
                                 {3, 3, 3, 257}, {13, 4, 4, 72}, {30, 6, 6, 64}, {40, 9, 7, 3},  {2500, 1, 1, 1}};
constexpr Type kTypes[] = {Type::f32, Type::bf16};

math::ActivationSpec activation(int turn) { return {static_cast<math::Activation>(turn % 6), 0.2f}; }

void check_statistics(math::Statistics statistics) {
  int turn = 0;
  for (const Shape& s : kShapes)
    for (const Type type : kTypes)
      for (int groups = 1; groups <= 3; ++groups) {
        ++turn;
        Case c{.shape = s,
               .spec = {statistics, activation(turn), 1e-5f, /*reference_gradient=*/turn % 4 != 0},
               .groups = groups,
               .type = type};
        if (!measures(c) && groups > 1) continue;
        c.in_place = !measures(c) && turn % 2 == 0;
        check_forward(c);
        if (statistics == Statistics::given) continue;
        c.dx = turn % 5 != 0;
        c.parameters = turn % 5 != 1;
        c.in_place = c.dx && turn % 3 == 0;
        check_backward(c);
      }
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("kernels of statistics none give what the naive device gives") { check_statistics(Statistics::none); }
  TEST_CASE("kernels of given statistics give what the naive device gives") { check_statistics(Statistics::given); }
  TEST_CASE("kernels of batch statistics give what the naive device gives") { check_statistics(Statistics::batch); }
  TEST_CASE("kernels of reference statistics give what the naive device gives") { check_statistics(Statistics::reference); }
  TEST_CASE("kernels of virtual batch statistics give what the naive device gives") { check_statistics(Statistics::virtual_batch); }

  TEST_CASE("blocks of the kernels go on with rows a grid further") {
    const Case c{.shape = {4, 6, 5, 64 * 132 + 1}, .spec = {Statistics::virtual_batch, activation(2), 1e-5f}, .groups = 2};
    check_forward(c);
    check_backward(c);
  }

  TEST_CASE("moments far from 0 keep their digits in the kernels") {
    for (const double mean : {30.0, 1000.0})
      for (const Shape& s : {Shape{8, 16, 16, 3}, Shape{600, 1, 1, 33}, Shape{16, 8, 8, 64}})
        for (const Statistics statistics : {Statistics::batch, Statistics::reference, Statistics::virtual_batch})
          check_forward({.shape = s, .spec = {statistics, {}, 1e-5f}, .groups = 2, .mean = mean});
  }
}

TEST_SUITE("fast shim threads") {
  TEST_CASE("threads that meet in the normalisation kernels do so without races") {
    const test::Executing executing({shim::Engine::threads, 3});
    for (const Statistics statistics : {Statistics::batch, Statistics::virtual_batch})
      for (const Shape& s : {Shape{3, 7, 5, 3}, Shape{4, 3, 3, 72}}) {
        const Case c{.shape = s, .spec = {statistics, {}, 1e-5f}, .groups = 2};
        check_forward(c, 1);
        check_backward(c, 1);
      }
  }
}

}  // namespace fgan
