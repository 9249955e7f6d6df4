#include "conformance/run_case.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/format.h"
#include "math/bf16.h"
#include "math/philox.h"

namespace fgan::conformance {
namespace {

constexpr std::size_t kGuard = 64;
constexpr std::byte kGuardByte{0xa5}, kUnwritten{0xff};  // f32 and bf16 of the latter: not a number, so an element left out is seen

// The one slack of all tolerances: products are rounded before they are summed, and the worst of some thousand elements is taken.
constexpr double kSlack = 2, kEpsilon = 0x1p-23, kHalfUnit = 0x1p-8;  // the last relative to a bf16 number

bool is_result(const Operand& o) { return o.fill.kind == Fill::output || o.updated; }

double value_at(const Fill& fill, double u, std::size_t i) {
  switch (fill.kind) {
    case Fill::uniform: return fill.low + u * (fill.high - fill.low);
    case Fill::away_from_zero:
      return u < 0.5 ? -(fill.low + 2 * u * (fill.high - fill.low)) : fill.low + (2 * u - 1) * (fill.high - fill.low);
    case Fill::constant: return fill.low;
    case Fill::ramp: return static_cast<double>(i % 256);
    default: return 0;
  }
}

}  // namespace

Guarded::Guarded(Device& device, const Tensor& like) : device_(device), buffer_(device.allocate(like.bytes() + 2 * kGuard)), like_(like) {
  const Bytes pattern(buffer_->bytes(), kGuardByte);
  device_.upload(buffer_->data(), pattern.data(), pattern.size());
}

Tensor Guarded::tensor() const { return {static_cast<std::byte*>(buffer_->data()) + kGuard, like_.shape, like_.dtype}; }

void Guarded::set(const void* host) { device_.upload(tensor().data, host, like_.bytes()); }

Bytes Guarded::get() const {
  Bytes bytes(like_.bytes());
  device_.download(bytes.data(), tensor().data, bytes.size());
  return bytes;
}

bool Guarded::guards_intact() const {
  Bytes all(buffer_->bytes());
  device_.download(all.data(), buffer_->data(), all.size());
  const auto intact = [](auto first, auto last) { return std::all_of(first, last, [](std::byte b) { return b == kGuardByte; }); };
  return intact(all.begin(), all.begin() + kGuard) && intact(all.end() - kGuard, all.end());
}

Bytes initial_bytes(const Operand& operand, std::size_t place) {
  const auto count = static_cast<std::size_t>(operand.shape.count());
  Bytes bytes(count * size_of(operand.dtype), kUnwritten);
  if (operand.fill.kind == Fill::output) return bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = static_cast<double>(math::uniform(20161202, math::Purpose::bench, place, 0, static_cast<std::uint32_t>(i)));
    const double x = value_at(operand.fill, u, i);
    if (operand.dtype == DType::f32 || operand.dtype == DType::bf16) {
      const auto f = static_cast<float>(x);
      const math::Bf16 half = math::to_bf16(f);
      const float number = operand.of_bf16 ? math::to_float(half) : f;
      if (operand.dtype == DType::f32) std::memcpy(bytes.data() + 4 * i, &number, 4);
      else std::memcpy(bytes.data() + 2 * i, &half, 2);
    } else if (operand.dtype == DType::u8) {
      bytes[i] = static_cast<std::byte>(x);
    } else {
      const auto n = static_cast<std::int64_t>(x);
      std::memcpy(bytes.data() + 8 * i, &n, 8);
    }
  }
  return bytes;
}

std::span<const float> as_floats(const Bytes& bytes) {
  return {static_cast<const float*>(static_cast<const void*>(bytes.data())), bytes.size() / sizeof(float)};
}

std::vector<float> to_floats(const Bytes& bytes, DType dtype) {
  if (dtype == DType::f32) return {as_floats(bytes).begin(), as_floats(bytes).end()};
  std::vector<float> values(bytes.size() / sizeof(math::Bf16));
  for (std::size_t i = 0; i < values.size(); ++i) {
    math::Bf16 half;
    std::memcpy(&half, bytes.data() + sizeof half * i, sizeof half);
    values[i] = math::to_float(half);
  }
  return values;
}

Outcome run(Device& device, const OpCase& c) {
  std::vector<std::unique_ptr<Guarded>> memory(c.operands.size());
  std::vector<Bytes> before(c.operands.size());
  std::vector<bool> overwritten(c.operands.size());
  Tensors tensors;
  for (std::size_t i = 0; i < c.operands.size(); ++i) {
    const Operand& o = c.operands[i];
    if (o.fill.kind == Fill::absent) {
      tensors.emplace_back();
    } else if (o.over >= 0) {
      overwritten[static_cast<std::size_t>(o.over)] = true;
      tensors.push_back(tensors[static_cast<std::size_t>(o.over)]);
    } else {
      memory[i] = std::make_unique<Guarded>(device, Tensor{nullptr, o.shape, o.dtype});
      before[i] = initial_bytes(o, i);
      memory[i]->set(before[i].data());
      tensors.push_back(memory[i]->tensor());
    }
  }
  c.prepare(device.ops(), c.dtype);
  c.call(device.ops(), device.queue(), tensors);
  device.queue().wait();
  Outcome outcome{std::vector<Bytes>(c.operands.size()), ""};
  for (std::size_t i = 0; i < c.operands.size(); ++i) {
    const Operand& o = c.operands[i];
    if (o.fill.kind == Fill::absent) continue;
    outcome.operands[i] = memory[o.over >= 0 ? static_cast<std::size_t>(o.over) : i]->get();
    if (o.over >= 0) continue;
    if (!memory[i]->guards_intact()) outcome.trespass += format("operand {} was written beyond its ends; ", i);
    if (!is_result(o) && !overwritten[i] && outcome.operands[i] != before[i]) outcome.trespass += format("input {} was changed; ", i);
  }
  return outcome;
}

bool runs_on(const Device& device, const OpCase& c) { return c.dtype == DType::f32 || c.dtype == device.activations(); }

Outcome expected_of(Device& oracle, const OpCase& c) {
  OpCase in_f32 = c;
  in_f32.dtype = DType::f32;
  for (Operand& o : in_f32.operands) {
    if (o.dtype != DType::bf16) continue;
    o.dtype = DType::f32;
    o.of_bf16 = true;
  }
  return run(oracle, in_f32);
}

namespace {

bool exact(const Operand& o) { return o.length == 0; }

// The one number in bf16 that is right where f32 is exact.
float expected_in(DType dtype, float x) { return dtype == DType::bf16 ? math::to_float(math::to_bf16(x)) : x; }

}  // namespace

double tolerance(const Operand& operand, DType of_case, double expected) {
  const double sums = kSlack * kEpsilon * std::sqrt(operand.length) * operand.terms;
  const double written = operand.dtype == DType::bf16 && !exact(operand) ? kHalfUnit * (std::abs(expected) + sums) : 0;
  return sums + written + (of_case == DType::bf16 ? kHalfUnit * operand.inside : 0);
}

std::string difference(const OpCase& c, const Outcome& expected, const Outcome& actual) {
  for (std::size_t k = 0; k < c.operands.size(); ++k) {
    const Operand& o = c.operands[k];
    if (!is_result(o)) continue;
    if (o.dtype != DType::f32 && o.dtype != DType::bf16) {
      if (expected.operands[k] != actual.operands[k]) return format("operand {} differs", k);
      continue;
    }
    const auto e = as_floats(expected.operands[k]);
    const auto a = to_floats(actual.operands[k], o.dtype);
    for (std::size_t i = 0; i < e.size(); ++i) {
      const float right = exact(o) ? expected_in(o.dtype, e[i]) : e[i];
      const double allowed = tolerance(o, c.dtype, static_cast<double>(right));
      if (!(std::abs(static_cast<double>(right) - static_cast<double>(a[i])) <= allowed))
        return format("operand {} element {}: {:.9g} expected, {:.9g} found, tolerance {:.3g}", k, i, right, a[i], allowed);
    }
  }
  return "";
}

std::string difference_in_bytes(const OpCase& c, const Outcome& expected, const Outcome& actual) {
  for (std::size_t k = 0; k < c.operands.size(); ++k)
    if (is_result(c.operands[k]) && expected.operands[k] != actual.operands[k]) return format("operand {} differs", k);
  return "";
}

std::string check(Device& oracle, Device& device, const OpCase& c) {
  const Outcome actual = run(device, c);
  std::string wrong = actual.trespass + difference(c, expected_of(oracle, c), actual) + difference_in_bytes(c, actual, run(device, c));
  return wrong.empty() ? wrong : c.family + " " + c.name + ": " + wrong;
}

std::unique_ptr<Device> naive_device(ComputeType dtype) { return make_device({.name = "naive", .threads = 1, .dtype = dtype}); }

std::unique_ptr<Device> cpu_device(int threads, ComputeType dtype, ConvRoute route) {
  try {
    return make_device({.name = "cpu", .threads = threads, .dtype = dtype, .conv = route});
  } catch (const Error& error) {
    if (error.exit() != Exit::device) throw;
    return nullptr;
  }
}

}  // namespace fgan::conformance
