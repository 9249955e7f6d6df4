// The vectorised functions against <cmath> in double, over all magnitudes of f32.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "math/exponential.h"

namespace fgan::math {
namespace {

// Distance in units in the last place of f32 at the exact value.
double units(float found, double exact) {
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::abs(static_cast<double>(found) - exact) / std::ldexp(1.0, std::max(exponent, -125) - 24);
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("exp(x) - 1 below 0 is within one unit in the last place, and tanh within three, for numbers of every size") {
    double worst_expm1 = 0, worst_tanh = 0;
    for (std::uint32_t bits = 1; bits < 0x7f800000u; bits += 1009) {
      const float x = std::bit_cast<float>(bits);
      const auto wide = static_cast<double>(x);
      worst_expm1 = std::max(worst_expm1, units(expm1_of_negative(-x), std::expm1(-wide)));
      worst_tanh = std::max({worst_tanh, units(tanh_of(x), std::tanh(wide)), units(tanh_of(-x), std::tanh(-wide))});
    }
    CHECK(worst_expm1 <= 1);
    CHECK(worst_tanh <= 3);
  }

  TEST_CASE("at the ends tanh and exp(x) - 1 are exact, signed zeros stay, and what is not a number stays none") {
    const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(expm1_of_negative(-infinity) == -1);
    CHECK(expm1_of_negative(0.0f) == 0);
    CHECK(tanh_of(infinity) == 1);
    CHECK(tanh_of(-infinity) == -1);
    CHECK(std::bit_cast<std::uint32_t>(tanh_of(0.0f)) == 0);
    CHECK(std::bit_cast<std::uint32_t>(tanh_of(-0.0f)) == 0x80000000u);
    CHECK(std::isnan(tanh_of(nan)));
    CHECK(std::isnan(expm1_of_negative(nan)));
  }
}

}  // namespace fgan::math
