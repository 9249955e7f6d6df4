// Dropout (Srivastava et al. 2014) with inverted scaling: a number is left out with probability `rate` and else divided by 1 - rate, so
// that its mean stays and nothing needs scaling where nothing is dropped.  The mask is not stored but computed again from Philox:
//   factor of (row, element) = 0 or 1 / (1 - rate), from word (element % 4) of block (seed, purpose, step, row, element / 4).
#pragma once

#include <cstdint>

#include "math/philox.h"

namespace fgan::math {

struct DropoutSpec {
  float rate = 0.5f;  // 0 <= rate < 1
  std::uint64_t seed = 0;
  Purpose purpose = Purpose::critic_dropout;
  std::uint32_t first_row = 0;      // the numbers of the first row and of its first element in the stream of the step
  std::uint32_t first_element = 0;  // a multiple of 4
};

// What a number is multiplied by.
FGAN_HD inline float dropout_factor(float rate, std::uint32_t word) { return uniform_of(word) < rate ? 0.0f : 1.0f / (1.0f - rate); }

}  // namespace fgan::math
