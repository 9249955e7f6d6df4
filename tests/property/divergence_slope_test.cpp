// Slopes against dual numbers: the derivative of the formula that computes the value.
#include <doctest/doctest.h>

#include <cmath>

#include "cases.h"
#include "dual.h"

using namespace fgan::math;
using namespace fgan::test;

namespace {

// Both are a few roundings of exponentials with arguments up to 5v (alpha = 5), each of which turns |v| roundings into one relative error.
// Slopes beyond f32 are limited by the game.
void check_slope(double slope, Dual formula, double v) {
  if (std::fabs(formula.b) >= kLargest) return;
  CHECK(std::fabs(slope - formula.b) <= 64 * kEps64 * (2 + std::fabs(v)) * std::fabs(formula.b) + 1e-300);
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("slopes of the real and the fake term are the derivatives of their values") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      for (double v = -30.03; v <= 30; v += 0.13) {
        CAPTURE(v);
        const Parametrization p = s.parametrization;
        visit(s, [&](const auto& f) {
          check_slope(f.real(p, v).slope, f.real(p, variable(v)).value, v);
          check_slope(f.fake(p, v).slope, f.fake(p, variable(v)).value, v);
          return 0;
        });
      }
    }
  }

  TEST_CASE("the slope of the log-ratio is the derivative of its value, and F' = e^r T'") {
    for (const DivergenceSpec& s : all_specs()) {
      if (!has_log_ratio(s)) continue;
      CAPTURE(describe(s));
      for (double v = -30.03; v <= 30; v += 0.13) {
        CAPTURE(v);
        const GameSpec game = game_of(s);
        const CappedTerm<double> r = log_ratio(game, v);
        if (std::isinf(r.value)) {
          CHECK(r.slope == 0);
          CHECK(critic_fake(game, v).slope == 0);
          continue;
        }
        check_slope(r.slope, log_ratio(game, variable(v)).value, v);
        const double expected = std::exp(r.value) * critic_real(game, v).slope;
        if (expected < kLargest) CHECK(critic_fake(game, v).slope == doctest::Approx(expected).epsilon(1e-11));
      }
    }
  }

  TEST_CASE("the slope of what the generator descends is the derivative of its value, for every objective and conversion") {
    for (const DivergenceSpec& s : all_specs()) {
      for (Objective objective : {Objective::minimax, Objective::non_saturating, Objective::maximum_likelihood}) {
        if (!has_log_ratio(s) && objective == Objective::maximum_likelihood) continue;
        for (const DivergenceInfo& info : kDivergences) {
          if (!info.has_log_ratio || (!has_log_ratio(s) && info.id != s.id)) continue;
          const GameSpec game = info.id == s.id ? game_of(s, objective) : converting(s, info.id, objective);
          CAPTURE(describe(s));
          CAPTURE(info.name);
          for (double v = -15.02; v <= 15; v += 0.71) {
            CAPTURE(v);
            const CappedTerm<double> term = generator_fake(game, v);
            if (term.capped || log_ratio(game, v).value < -300) continue;
            check_slope(term.slope, generator_fake(game, variable(v)).value, 20 * v);
          }
        }
      }
    }
  }

  TEST_CASE("with game.limit the terms are those of an output near the centre, their slopes its derivatives, and the level stays") {
    for (const DivergenceSpec& s : all_specs()) {
      for (Objective objective : {Objective::minimax, Objective::non_saturating, Objective::maximum_likelihood}) {
        if (!has_log_ratio(s) && objective == Objective::maximum_likelihood) continue;
        const GameSpec free = game_of(s, objective);
        GameSpec game = free;
        game.centre = opinion_free_v(s);
        game.limit = 3;
        CAPTURE(describe(s));
        CHECK(threshold_v(game) == doctest::Approx(threshold_v(free)));
        for (double d = -6.02; d <= 6; d += 0.31) {
          const double v = game.centre + d, size = 60 + 20 * std::fabs(v);  // 1 - tanh^2 cancels: 1 / (1 - tanh 2) = 28
          CAPTURE(v);
          const double seen = game.centre + 3 * std::tanh((v - game.centre) / 3);
          CHECK(critic_real(game, v).value == critic_real(free, seen).value);
          CHECK(critic_fake(game, v).value == critic_fake(free, seen).value);
          check_slope(critic_real(game, v).slope, critic_real(game, variable(v)).value, size);
          check_slope(critic_fake(game, v).slope, critic_fake(game, variable(v)).value, size);
          check_slope(generator_fake(game, v).slope, generator_fake(game, variable(v)).value, size);
        }
        CHECK(std::abs(critic_fake(game, 1e30f).slope) == 0);
        CHECK(std::isfinite(critic_fake(game, 1e30f).value));
        CHECK(std::isnan(critic_fake(game, std::nanf("")).value));
      }
    }
  }

  TEST_CASE("right above pearson's limit the maximum-likelihood slope is 1/2, below it 0") {
    const GameSpec game = game_of({DivergenceId::pearson, Parametrization::paper, 0}, Objective::maximum_likelihood);
    CHECK(generator_fake(game, std::nextafter(-2.0f, 0.0f)).slope == doctest::Approx(-0.5).epsilon(1e-5));
    CHECK(generator_fake(game, std::nextafter(-2.0, 0.0)).slope == doctest::Approx(-0.5).epsilon(1e-12));
    for (float v : {-2.0f, -2.1f, -1e30f}) {
      CHECK(generator_fake(game, v).value == 0);
      CHECK(generator_fake(game, v).slope == 0);
    }
  }
}
