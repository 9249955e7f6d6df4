// Arrays for kernels under the shim, between guard words; and how what they hold is compared.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/format.h"
#include "kernels/array.h"
#include "math/philox.h"

namespace fgan::test {

// `count` elements that nothing has written yet: as floats they are not numbers.
template <class T>
class Guarded {
 public:
  explicit Guarded(std::int64_t count) : bytes_(static_cast<std::size_t>(count) * sizeof(T)), words_(bytes_ / 8 + 1 + 2 * kGuards, kGuard) {
    std::memset(data(), 0xff, bytes_);
  }
  explicit Guarded(const std::vector<T>& values) : Guarded(static_cast<std::int64_t>(values.size())) {
    if (!values.empty()) std::memcpy(data(), values.data(), bytes_);
  }
  T* data() { return static_cast<T*>(static_cast<void*>(words_.data() + kGuards)); }
  std::vector<T> values() {
    std::vector<T> all(bytes_ / sizeof(T));
    if (!all.empty()) std::memcpy(all.data(), data(), bytes_);
    return all;
  }
  bool intact() const {
    const auto* bytes = static_cast<const unsigned char*>(static_cast<const void*>(words_.data()));
    const auto is_guard = [](unsigned char b) { return b == 0xa5; };
    return std::all_of(bytes, bytes + 8 * kGuards, is_guard) &&
           std::all_of(bytes + 8 * kGuards + bytes_, bytes + 8 * words_.size(), is_guard);
  }

 private:
  static constexpr std::size_t kGuards = 8;
  static constexpr std::uint64_t kGuard = 0xa5a5a5a5a5a5a5a5u;
  std::size_t bytes_;
  std::vector<std::uint64_t> words_;
};

// Numbers of either type.
class Numbers {
 public:
  Numbers(kernels::Type type, std::int64_t count) : type_(type), memory_(count * width()) {}
  Numbers(kernels::Type type, const std::vector<float>& values) : Numbers(type, static_cast<std::int64_t>(values.size())) {
    kernels::with_type(type_, [&](auto t) {
      for (std::size_t i = 0; i < values.size(); ++i) kernels::data_of<decltype(t)>(array())[i] = math::from_float<decltype(t)>(values[i]);
    });
  }
  kernels::Array array() { return {memory_.data(), type_}; }
  std::vector<float> floats() {
    std::vector<float> all(memory_.values().size() / static_cast<std::size_t>(width()));
    kernels::with_type(type_, [&](auto t) {
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = math::to_float(kernels::data_of<decltype(t)>(array())[i]);
    });
    return all;
  }
  bool intact() const { return memory_.intact(); }

 private:
  std::int64_t width() const { return type_ == kernels::Type::bf16 ? 2 : 4; }
  kernels::Type type_;
  Guarded<unsigned char> memory_;
};

inline constexpr kernels::Type kTypes[] = {kernels::Type::f32, kernels::Type::bf16};
inline const char* name_of(kernels::Type type) { return type == kernels::Type::bf16 ? "bf16" : "f32"; }

// As the type holds them.
inline std::vector<float> rounded(kernels::Type type, std::vector<float> values) {
  if (type == kernels::Type::bf16)
    for (float& x : values) x = math::to_float(math::to_bf16(x));
  return values;
}

// Uniform on (low, high); `stream` tells arrays apart.
inline std::vector<float> random_values(std::int64_t count, double low, double high, std::uint64_t stream) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float u = math::uniform(20161202, math::Purpose::bench, stream, 0, static_cast<std::uint32_t>(i));
    values[i] = static_cast<float>(low + (high - low) * static_cast<double>(u));
  }
  return values;
}

// "" or the first place where they are further apart than absolute + relative * |expected|.  Two that are not numbers are equal.
inline std::string difference(const std::vector<float>& expected, const std::vector<float>& found, double relative, double absolute) {
  if (expected.size() != found.size()) return format("{} numbers expected, {} found", expected.size(), found.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double e = static_cast<double>(expected[i]), f = static_cast<double>(found[i]);
    if (e == f || (std::isnan(e) && std::isnan(f))) continue;
    if (!(std::abs(e - f) <= absolute + relative * std::abs(e))) return format("element {}: {:.9g} expected, {:.9g} found", i, e, f);
  }
  return "";
}
inline std::string difference(const std::vector<float>& expected, const std::vector<float>& found) {
  return difference(expected, found, 0, 0);
}

// Half a unit in the last place of bf16, or nothing: what rounding to the type may cost.
inline double rounding_of(kernels::Type type) { return type == kernels::Type::bf16 ? 0x1p-8 : 0; }

}  // namespace fgan::test
