// The fast forms of every divergence against its definition: f, f' and the supremum that defines f*.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "cases.h"

using namespace fgan::math;
using namespace fgan::test;

namespace {

// sup over u >= 0 of ut - f(u), which is concave in u, by golden sections of log u.
double numeric_supremum(const DivergenceSpec& s, double t) {
  const auto gain = [&](double log_u) { return std::exp(log_u) * t - f_of(s, std::exp(log_u)); };
  const double ratio = 0.6180339887498949;
  double lo = -60, hi = 60;
  for (int i = 0; i < 100; ++i) {
    const double left = hi - ratio * (hi - lo), right = lo + ratio * (hi - lo);
    (gain(left) < gain(right) ? lo : hi) = gain(left) < gain(right) ? left : right;
  }
  return std::max(gain((lo + hi) / 2), gain(-60));
}

// What separates the normalised form from f: f(u) - f(1) - f'(1)(u - 1) shifts T and F by constants.  gan keeps f.
double shift_of_real(const DivergenceSpec& s) { return is_paper(s) || s.id == DivergenceId::gan ? 0 : -derivative_of(s, 1); }
double shift_of_fake(const DivergenceSpec& s) { return is_paper(s) || s.id == DivergenceId::gan ? 0 : f_of(s, 1) - derivative_of(s, 1); }

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("the conjugate of every divergence is the supremum over u >= 0 of ut - f(u)") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      for (double log_u = -6; log_u <= 6; log_u += 0.5) {
        const double t = derivative_of(s, std::exp(log_u));
        const double expected = numeric_supremum(s, t);
        CHECK(conjugate_of(s, t) == doctest::Approx(expected).epsilon(1e-9));
      }
    }
  }

  TEST_CASE("the conjugate is flat where the best u is zero, and infinite outside its domain") {
    for (double t : {-3.0, -6.0, -100.0}) {
      CHECK(Pearson{}.conjugate(t) == -1);
      CHECK(Alpha{2.5}.conjugate(t) == -0.4);
      CHECK(TotalVariation{}.conjugate(t) == -0.5);
      CHECK(numeric_supremum({DivergenceId::pearson, Parametrization::paper, 0}, t) == doctest::Approx(-1));
      CHECK(numeric_supremum({DivergenceId::alpha, Parametrization::paper, 2.5}, t) == doctest::Approx(-0.4));
    }
    CHECK(std::isinf(TotalVariation{}.conjugate(0.6)));
    CHECK(std::isinf(ReverseKl{}.conjugate(0)));
    CHECK(std::isinf(Neyman{}.conjugate(1.1)));
    CHECK(std::isinf(SquaredHellinger{}.conjugate(1)));
    CHECK(std::isinf(JensenShannon{}.conjugate(0.7)));
    CHECK(std::isinf(WeightedJs{0.3}.conjugate(0.4)));
    CHECK(std::isinf(Gan{}.conjugate(0)));
    CHECK(std::isinf(Alpha{0.5}.conjugate(2.1)));
  }

  TEST_CASE("f* (f'(u)) = u f'(u) - f(u)") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      for (double log_u = -6.5; log_u <= 6.5; log_u += 0.5) {
        const double u = std::exp(log_u), t = derivative_of(s, u), gap = conjugate_of(s, t) - (u * t - f_of(s, u));
        CHECK(std::fabs(gap) <= 1e-11 * (1 + std::fabs(u * t) + std::fabs(f_of(s, u))));
      }
    }
  }

  TEST_CASE("at the v of a ratio the real term is f' of that ratio, up to the constant of the normalised form") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      for (double r = -8.25; r <= 8.25; r += 0.5) {
        const double expected = derivative_of(s, std::exp(r)) + shift_of_real(s);
        CHECK(real_term(s, optimal_v(s, r)).value == doctest::Approx(expected).epsilon(1e-11));
      }
    }
  }

  TEST_CASE("the log-ratio and the v of a ratio undo each other") {
    for (const DivergenceSpec& s : all_specs()) {
      if (!has_log_ratio(s)) continue;
      CAPTURE(describe(s));
      for (double r = -12; r <= 40; r += 0.25) {
        CAPTURE(r);
        const CappedTerm<double> back = log_ratio(game_of(s), optimal_v(s, r));
        // v is rounded, and r moves by its slope times that; close to the v where the learnt ratio is 0, all digits go
        if (back.capped || std::isinf(back.value)) continue;
        const double tolerance = 8 * kEps64 * (1 + std::fabs(r) + std::fabs(optimal_v(s, r) * back.slope) + back.slope);
        CHECK(std::fabs(back.value - r) <= tolerance);
      }
    }
  }

  TEST_CASE("the fake term is the conjugate of the real term for |v| <= 12") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      for (double v = -12; v <= 12; v += 0.0625) {
        CAPTURE(v);
        const Term<double> real = real_term(s, v), fake = fake_term(s, v);
        const double t = real.value - shift_of_real(s);
        const double expected = conjugate_of(s, t) + shift_of_fake(s);
        // The argument of f* is rounded, relative to 1 + |t|, and f* magnifies that by its slope u = F' / T'.
        const double u = real.slope > 0 ? fake.slope / real.slope : 1;
        const double rounded = (1 + std::fabs(t)) * (1 + u) + std::fabs(fake.value) * (1 + std::fabs(v));
        CHECK(std::fabs(fake.value - expected) <= 16 * kEps64 * rounded);
      }
    }
  }

  TEST_CASE("alpha is continuous through its limits and contains its neighbours in log-ratio form") {
    constexpr Parametrization p = Parametrization::log_ratio;
    for (double v = -10; v <= 10; v += 0.5) {
      for (double tiny : {0.0, 1e-14, -1e-14, 1e-9, -1e-9}) {
        const double tolerance = 2e-8 * std::exp(std::fabs(v));
        CHECK(std::fabs(Alpha{1 + tiny}.fake(p, v).value - Kl{}.fake(p, v).value) <= tolerance);
        CHECK(std::fabs(Alpha{1 + tiny}.real(p, v).value - Kl{}.real(p, v).value) <= tolerance);
        CHECK(std::fabs(Alpha{tiny}.fake(p, v).value - ReverseKl{}.fake(p, v).value) <= tolerance);
        CHECK(std::fabs(Alpha{tiny}.real(p, v).value - ReverseKl{}.real(p, v).value) <= tolerance);
        CHECK(std::fabs(Alpha{tiny}.fake(p, static_cast<float>(v)).value - ReverseKl{}.fake(p, v).value) <= tolerance + 1e-5);
      }
      CHECK(2 * Alpha{2}.fake(p, v).value == doctest::Approx(Pearson{}.fake(p, v).value));
      CHECK(2 * Alpha{-1}.real(p, v).value == doctest::Approx(Neyman{}.real(p, v).value));
      CHECK(Alpha{0.5}.fake(p, v).value == doctest::Approx(2 * SquaredHellinger{}.fake(p, v).value));
      CHECK(2 * WeightedJs{0.5}.fake(p, v).value == doctest::Approx(JensenShannon{}.fake(p, v).value));
    }
  }
}
