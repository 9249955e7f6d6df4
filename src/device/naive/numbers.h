// Tensors as the oracle computes with them: whole, in double.
#pragma once

#include <cstddef>
#include <vector>

#include "base/error.h"
#include "math/activation.h"
#include "math/bf16.h"
#include "tensor/tensor.h"

namespace fgan {

using Numbers = std::vector<double>;

inline float* floats(In t) { return static_cast<float*>(t.data); }

// f32 or bf16; empty for a null tensor.
inline Numbers read(In t) {
  if (!t) return {};
  const auto count = static_cast<std::size_t>(t.shape.count());
  if (t.dtype == DType::f32) return {floats(t), floats(t) + count};
  FGAN_CHECK(t.dtype == DType::bf16, "an op reads or writes {} neither in f32 nor in bf16", to_string(t.shape));
  const auto* halves = static_cast<const math::Bf16*>(t.data);
  Numbers numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<double>(math::to_float(halves[i]));
  return numbers;
}

inline void write(const Numbers& numbers, Out t) {
  FGAN_CHECK(t.dtype == DType::f32 || t.dtype == DType::bf16, "an op writes {} neither in f32 nor in bf16", to_string(t.shape));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto rounded = static_cast<float>(numbers[i]);
    if (t.dtype == DType::f32) floats(t)[i] = rounded;
    else static_cast<math::Bf16*>(t.data)[i] = math::to_bf16(rounded);
  }
}

inline Numbers zeros_like(In t) { return Numbers(static_cast<std::size_t>(t.shape.count())); }

// y = activation(y + bias[c]), channels fastest; no bias: empty.
inline void add_bias_and_activate(Numbers& y, const Numbers& bias, const math::ActivationSpec& activation) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = math::value(activation, y[i] + (bias.empty() ? 0 : bias[i % bias.size()]));
}

}  // namespace fgan
