// Bias, activations, dropout and copies: kernels under the shim against the oracle.
#include "kernels/pointwise.h"

#include <doctest/doctest.h>

#include <limits>

#include "device/naive/device.h"
#include "device/ops.h"
#include "shim/guarded.h"
#include "shim/orders.h"

using namespace fgan;
using namespace fgan::test;

namespace {

struct Matrix {
  std::int64_t pixels, channels;

  std::int64_t count() const { return pixels * channels; }
  std::string name() const { return format("{} x {}", pixels, channels); }
};

// Most have more than one share of pixels.
const Matrix kMatrices[] = {{1, 1},    {1, 257},  {33, 1},    {31, 3},   {3, 33},   {31, 65}, {1, 12288},
                            {8500, 1}, {3001, 3}, {301, 257}, {600, 31}, {257, 64}, {300, 8}};

std::vector<math::ActivationSpec> activations() {
  std::vector<math::ActivationSpec> all;
  for (int kind = 0; kind <= static_cast<int>(math::Activation::sigmoid); ++kind)
    all.push_back({static_cast<math::Activation>(kind), 0.2f});
  return all;
}

Tensor tensor(std::vector<float>& values, const Matrix& m) { return {values.data(), {m.pixels, 1, 1, m.channels}}; }
Tensor row(std::vector<float>& values) { return {values.data(), {1, 1, 1, static_cast<std::int64_t>(values.size())}}; }

struct Gradient {
  std::vector<float> dx, dbias;
  bool operator==(const Gradient& other) const { return dx == other.dx && dbias == other.dbias; }
};

Gradient run_gradient(kernels::Type type, const math::ActivationSpec& activation, const Matrix& m, const std::vector<float>& y,
                      const std::vector<float>& dy, bool in_place) {
  Numbers out(type, y), above(type, dy), fresh(type, m.count());
  Numbers& dx = in_place ? above : fresh;
  Guarded<float> dbias(m.channels);
  const std::size_t bytes = kernels::bias_act_grad_scratch(m.channels);
  unsigned arrivals = 0;
  Guarded<unsigned char> scratch(static_cast<std::int64_t>(bytes));
  kernels::bias_act_grad(nullptr, activation, m.pixels, m.channels, out.array(), above.array(), dx.array(), dbias.data(),
                         {scratch.data(), bytes}, &arrivals);
  CHECK(arrivals == 0);
  CHECK((out.intact() && above.intact() && fresh.intact() && dbias.intact() && scratch.intact()));
  return {dx.floats(), dbias.values()};
}

void check_gradient(kernels::Type type, const math::ActivationSpec& activation, const Matrix& m, int orders) {
  INFO(name_of(type), ", ", m.name(), ", activation ", static_cast<int>(activation.kind));
  const auto device = make_naive_device();
  std::vector<float> y = rounded(type, random_values(m.count(), -1, 1, 1)), dy = rounded(type, random_values(m.count(), -1, 1, 2));
  std::vector<float> dx(y.size()), dbias(static_cast<std::size_t>(m.channels));
  device->ops().bias_act_grad(device->queue(), activation, tensor(y, m), tensor(dy, m), tensor(dx, m), row(dbias));
  const bool in_place = m.channels % 2 == 0;
  const Gradient found = in_orders(orders, [&] { return run_gradient(type, activation, m, y, dy, in_place); });
  CHECK(difference(dx, found.dx, rounding_of(type) + 0x1p-22, 0) == "");
  // As a random walk: each addition rounds a running sum of steps up to 1.2 (leaky, elu), 1 in the mean square.
  const double length = static_cast<double>(m.pixels);
  CHECK(difference(dbias, found.dbias, 0, 2 * 0x1p-23 * std::sqrt(length) * std::max(2.0, std::sqrt(length))) == "");
}

std::vector<float> run_bias_act(kernels::Type type, const math::ActivationSpec& activation, const Matrix& m, const std::vector<float>& x,
                                const std::vector<float>* bias, bool in_place) {
  Numbers from(type, x), fresh(type, m.count());
  Numbers& to = in_place ? from : fresh;
  Guarded<float> b(bias ? *bias : std::vector<float>());
  kernels::bias_act(nullptr, activation, m.pixels, m.channels, from.array(), bias ? b.data() : nullptr, to.array());
  CHECK((from.intact() && fresh.intact() && b.intact()));
  return to.floats();
}

constexpr math::ActivationSpec kElu{math::Activation::elu, 0};

template <class F>
int launches_of(const F& work) {
  int launches = 0;
  const shim::Sink before = shim::set_sink([&](CUstream_st*, const shim::Launch& launch) {
    ++launches;
    shim::run(launch);
  });
  work();
  shim::set_sink(before);
  return launches;
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("the kernel of bias and activation agrees with the oracle") {
    const auto device = make_naive_device();
    for (const kernels::Type type : kTypes)
      for (const Matrix& m : kMatrices)
        for (const math::ActivationSpec& activation : activations()) {
          INFO(name_of(type), ", ", m.name(), ", activation ", static_cast<int>(activation.kind));
          std::vector<float> x = rounded(type, random_values(m.count(), -2, 2, 1)), bias = random_values(m.channels, -1, 1, 2), y(x.size());
          const bool with_bias = (m.pixels + static_cast<int>(activation.kind)) % 2 == 0;
          device->ops().bias_act(device->queue(), activation, tensor(x, m), with_bias ? row(bias) : Tensor{}, tensor(y, m));
          const auto found = run_bias_act(type, activation, m, x, with_bias ? &bias : nullptr, m.channels % 2 == 0);
          CHECK(difference(y, found, rounding_of(type) + 0x1p-21, 0x1p-22) == "");  // x + bias is rounded: absolute near its zero
        }
  }

  TEST_CASE("a number that is not finite passes through bias and activation") {
    constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
    for (const kernels::Type type : kTypes) {
      const auto found = run_bias_act(type, {math::Activation::leaky_relu, 0.5f}, {4, 1}, {kInf, -kInf, kNan, -3}, nullptr, false);
      CHECK(difference({kInf, -kInf, kNan, -1.5f}, found) == "");
    }
  }

  TEST_CASE("the kernels of the gradient by bias and input agree with the oracle") {
    for (const kernels::Type type : kTypes)
      for (const Matrix& m : kMatrices)
        for (const math::ActivationSpec& activation : activations()) check_gradient(type, activation, m, 1);
  }

  TEST_CASE("the sums of a bias gradient do not depend on the order of threads") {
    for (const Matrix& m : {Matrix{31, 3}, Matrix{8500, 1}, Matrix{301, 257}}) check_gradient(kernels::Type::f32, {}, m, 5);
  }

  TEST_CASE("the gradient by the input alone is that with the bias, in one launch") {
    for (const kernels::Type type : kTypes) {
      const Matrix m{301, 33};
      const auto y = random_values(m.count(), -1, 1, 1), dy = random_values(m.count(), -1, 1, 2);
      const Gradient both = run_gradient(type, kElu, m, y, dy, false);
      Numbers out(type, y), above(type, dy), dx(type, m.count());
      const int launches = launches_of([&] {
        kernels::bias_act_grad(nullptr, kElu, m.pixels, m.channels, out.array(), above.array(), dx.array(), nullptr, {nullptr, 0}, nullptr);
      });
      CHECK(launches == 1);
      CHECK(difference(both.dx, dx.floats()) == "");
      CHECK(dx.intact());
    }
  }

  TEST_CASE("the gradient by the bias takes one launch, whether there are shares to add or not") {
    for (const Matrix& m : {Matrix{31, 33}, Matrix{3001, 33}}) {
      const std::vector<float> y = random_values(m.count(), -1, 1, 1);
      CHECK(launches_of([&] { run_gradient(kernels::Type::f32, kElu, m, y, y, false); }) == 1);
    }
  }

  TEST_CASE("what is larger than a grid is done whole, and once") {
    const Matrix m{2115, 257};  // in the second turn of a thread its column passes the end of a row
    REQUIRE(m.count() > 2112 * 256);
    const std::vector<float> x = random_values(m.count(), -1, 1, 1), bias = random_values(m.channels, -1, 1, 2);
    std::vector<float> sum = x;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += bias[i % bias.size()];
    CHECK(difference(sum, run_bias_act(kernels::Type::f32, {}, m, x, &bias, true)) == "");
    Numbers from(kernels::Type::f32, x), to(kernels::Type::bf16, m.count());
    kernels::convert(nullptr, m.count(), from.array(), to.array());
    CHECK(difference(rounded(kernels::Type::bf16, x), to.floats()) == "");
  }

  TEST_CASE("dropout of the kernel is that of the oracle to the bit") {
    const auto device = make_naive_device();
    std::int64_t counter = 12345678901;
    for (const kernels::Type type : kTypes)
      for (const Matrix& m : {Matrix{1, 1}, {64, 100}, {31, 33}, {3, 257}, {2000, 2}})
        for (const float rate : {0.0f, 0.3f, 0.99f}) {
          const math::DropoutSpec spec{rate, 3, math::Purpose::critic_dropout, 7, 44};
          std::vector<float> x = rounded(type, random_values(m.count(), -1, 1, 1)), y(x.size());
          device->ops().dropout(device->queue(), spec, {&counter, {}, DType::i64}, tensor(x, m), tensor(y, m));
          Numbers from(type, x), fresh(type, m.count());
          Numbers& to = rate == 0.3f ? from : fresh;
          kernels::dropout(nullptr, spec, &counter, m.pixels, m.channels, from.array(), to.array());
          CHECK((from.intact() && fresh.intact()));
          CHECK(difference(rounded(type, y), to.floats()) == "");
        }
  }

  TEST_CASE("convert rounds where the type is narrower and else keeps every number") {
    constexpr float kInf = std::numeric_limits<float>::infinity(), kMost = std::numeric_limits<float>::max();
    std::vector<float> x = random_values(3000, -10, 10, 5);
    for (const float special : {0.0f, -0.0f, kInf, -kInf, kMost, 1 + 0x1p-8f, 1 + 0x1p-7f + 0x1p-8f, 0x1p-149f, std::nanf("")})
      x.push_back(special);
    for (const kernels::Type from : kTypes)
      for (const kernels::Type to : kTypes) {
        Numbers source(from, x), result(to, static_cast<std::int64_t>(x.size()));
        kernels::convert(nullptr, static_cast<std::int64_t>(x.size()), source.array(), result.array());
        CHECK((source.intact() && result.intact()));
        CHECK(difference(rounded(to, rounded(from, x)), result.floats()) == "");
      }
  }
}

TEST_SUITE("threads") {
  TEST_CASE("the sums of a bias gradient hold on real threads") {
    const Executing executing({shim::Engine::threads, 1});
    for (const Matrix& m : {Matrix{31, 3}, Matrix{8500, 1}}) check_gradient(kernels::Type::f32, {}, m, 1);
  }
}
