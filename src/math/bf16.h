// bfloat16: the upper half of an f32, rounded to nearest, ties to even.  A number for memory only; all arithmetic is done in f32.
#pragma once

#include <cstdint>
#include <cstring>

#include "math/hd.h"

namespace fgan::math {

struct Bf16 {
  std::uint16_t bits;
};

FGAN_HD inline float to_float(Bf16 x) {
  const std::uint32_t word = static_cast<std::uint32_t>(x.bits) << 16;
  float f;
  std::memcpy(&f, &word, sizeof f);
  return f;
}
FGAN_HD inline float to_float(float x) { return x; }

// What is not a number stays one; what is beyond the largest bf16 becomes infinite, as it does in f32 arithmetic.
FGAN_HD inline Bf16 to_bf16(float x) {
  std::uint32_t word;
  std::memcpy(&word, &x, sizeof word);
  if ((word & 0x7fffffffu) > 0x7f800000u) return {static_cast<std::uint16_t>((word >> 16) | 0x40u)};
  word += 0x7fffu + ((word >> 16) & 1u);
  return {static_cast<std::uint16_t>(word >> 16)};
}

// from_float<T>(x): x as a T.
template <class T>
FGAN_HD T from_float(float x);
template <>
FGAN_HD inline float from_float<float>(float x) {
  return x;
}
template <>
FGAN_HD inline Bf16 from_float<Bf16>(float x) {
  return to_bf16(x);
}

}  // namespace fgan::math
