// exp(x) - 1 and tanh for activations: in f32 by plain operations on numbers, which a compiler vectorises (a call of <cmath> in a loop
// costs 8 ns an element, and was a third of an MLP's step in bf16); for other types those of <cmath>.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "math/hd.h"

namespace fgan::math {

// exp(x) - 1 for x <= 0 (elsewhere something), within 1 unit in the last place.
//   x = n ln 2 + r, |r| <= ln 2 / 2;  exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1), and exp(r) - 1 is its Taylor series: what is left out
//   is below r^8 / 8!, 2^-26 of r.
FGAN_HD inline float expm1_of_negative(float x) {
  constexpr float kNearest = 0x1.8p23f;  // a number this large has no place for a fraction: adding it rounds to the nearest integer
  constexpr float kLog2High = 0x1.62e4p-1f, kLog2Low = 0x1.7f7d1cp-20f;  // of few bits, so that n times it is exact; what it lacks
  const float from = x < -20.0f ? -20.0f : x;                            // -1 from -17.4 on; what is not a number stays
  const float shifted = from * 0x1.715476p0f + kNearest, n = shifted - kNearest;
  const float r = (from - n * kLog2High) - n * kLog2Low;
  const float q = ((((r * (1 / 5040.0f) + 1 / 720.0f) * r + 1 / 120.0f) * r + 1 / 24.0f) * r + 1 / 6.0f) * r + 0.5f;
  const float series = r + r * r * q;
  std::int32_t word;
  std::memcpy(&word, &shifted, sizeof word);
  const std::uint32_t exponent = (static_cast<std::uint32_t>(word) - 0x4b400000u + 127u) << 23;
  float power;  // 2^n
  std::memcpy(&power, &exponent, sizeof power);
  return power * series + (power - 1.0f);
}
template <class S>
FGAN_HD S expm1_of_negative(S x) {
  using std::expm1;
  return expm1(x);
}

// tanh |x| = -e / (e + 2) with e = exp(-2 |x|) - 1: within 3 units in the last place.
FGAN_HD inline float tanh_of(float x) {
  using std::copysign, std::fabs;
  const float e = expm1_of_negative(-2.0f * fabs(x));
  return copysign(e / (e + 2.0f), x);
}
template <class S>
FGAN_HD S tanh_of(S x) {
  using std::tanh;
  return tanh(x);
}

}  // namespace fgan::math
