// The terms over the whole range of critic outputs: finite everywhere, exact wherever f32 can represent them, capped beyond.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "cases.h"

using namespace fgan::math;
using namespace fgan::test;

namespace {

// Millions of evaluations: counted here, checked once.
template <class S>
struct Sweep {
  long faults = 0;
  S first = 0;
  void expect(bool good, S v) {
    if (!good && faults++ == 0) first = v;
  }
  void expect_usable(const CappedTerm<S>& term, S v) {
    expect(std::fabs(term.value) <= S(kLargest) && std::fabs(term.slope) <= S(kLargest) && (!term.capped || term.slope == 0), v);
  }
};

template <class S>
Sweep<S> sweep_critic(const DivergenceSpec& s) {
  Sweep<S> sweep;
  const GameSpec game = game_of(s), non_saturating = game_of(s, Objective::non_saturating);
  const GameSpec likelihood = game_of(s, Objective::maximum_likelihood);
  for (int i = -100000; i <= 100000; ++i) {
    const S v = static_cast<S>(i * 0.01);
    const CappedTerm<S> real = critic_real(game, v), fake = critic_fake(game, v);
    sweep.expect_usable(real, v);
    sweep.expect_usable(fake, v);
    sweep.expect(std::isfinite(S(0.9) * real.value - S(0.1) * fake.value), v);
    sweep.expect(std::isfinite(S(0.9) * real.slope - S(0.1) * fake.slope), v);
    sweep.expect(real.capped == fake.capped, v);
    sweep.expect_usable(generator_fake(game, v), v);
    sweep.expect_usable(generator_fake(non_saturating, v), v);
    if (!has_log_ratio(s)) continue;
    const CappedTerm<S> r = log_ratio(game, v);
    sweep.expect(!std::isnan(r.value) && r.value < S(kInfinity) && std::isfinite(r.slope) && r.slope >= 0, v);
    sweep.expect_usable(generator_fake(likelihood, v), v);
  }
  return sweep;
}

// The log-ratio is the only thing that passes from critic to generator, so a coarser grid covers the pairs.
template <class S>
Sweep<S> sweep_conversions(const DivergenceSpec& s) {
  Sweep<S> sweep;
  for (const DivergenceInfo& info : kDivergences) {
    if (!info.has_log_ratio) continue;
    for (Objective objective : {Objective::minimax, Objective::non_saturating, Objective::maximum_likelihood}) {
      const GameSpec game = converting(s, info.id, objective);
      for (int i = -1000; i <= 1000; ++i) {
        sweep.expect_usable(generator_fake(game, static_cast<S>(i)), static_cast<S>(i));
        sweep.expect_usable(generator_fake(game, static_cast<S>(i * 0.05)), static_cast<S>(i * 0.05));
      }
    }
  }
  return sweep;
}

// Where the forms in f32 subtract a constant that v does not shift away (the 1 of kl, w log w, 1/(1-a)) zero is not exact.
double constant_in(const DivergenceSpec& s) {
  const bool offset = s.id == DivergenceId::kl || s.id == DivergenceId::reverse_kl || s.id == DivergenceId::weighted_js || is_alpha(s);
  if (!is_paper(s) || !offset) return 0;
  return is_alpha(s) ? 1 + 1 / std::fabs(1 - s.parameter) : 1;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("no critic output between -1000 and 1000 makes a term, a slope or a smoothed sum that is not finite") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      const Sweep<float> narrow = sweep_critic<float>(s);
      CAPTURE(narrow.first);
      CHECK(narrow.faults == 0);
      const Sweep<double> wide = sweep_critic<double>(s);
      CAPTURE(wide.first);
      CHECK(wide.faults == 0);
    }
  }

  TEST_CASE("no pair of a critic's and a generator's divergence makes a term that is not finite") {
    for (const DivergenceSpec& s : all_specs()) {
      if (!has_log_ratio(s)) continue;
      CAPTURE(describe(s));
      const Sweep<float> narrow = sweep_conversions<float>(s);
      CAPTURE(narrow.first);
      CHECK(narrow.faults == 0);
      const Sweep<double> wide = sweep_conversions<double>(s);
      CAPTURE(wide.first);
      CHECK(wide.faults == 0);
    }
  }

  TEST_CASE("extreme, tiny and infinite critic outputs are finite terms too, and a v that is not a number is not hidden") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      Sweep<float> sweep;
      for (Objective objective : {Objective::minimax, Objective::non_saturating, Objective::maximum_likelihood}) {
        if (!has_log_ratio(s) && objective == Objective::maximum_likelihood) continue;
        const GameSpec game = game_of(s, objective);
        for (float size : {0.0f, 1e-45f, 1e-38f, 1e-20f, 1e-8f, 1e4f, 1e6f, 1e19f, 1e30f, 3.4e38f, float(kLargest), float(kInfinity)}) {
          for (float v : {size, -size}) {
            sweep.expect_usable(critic_real(game, v), v);
            sweep.expect_usable(critic_fake(game, v), v);
            sweep.expect_usable(generator_fake(game, v), v);
            if (has_log_ratio(s)) sweep.expect(!std::isnan(log_ratio(game, v).value), v);
          }
        }
        CHECK(std::isnan(critic_real(game, std::nanf("")).value));
        CHECK(std::isnan(generator_fake(game, std::nanf("")).value));
      }
      CAPTURE(sweep.first);
      CHECK(sweep.faults == 0);
    }
  }

  TEST_CASE("the f32 form agrees with the f64 form to a few roundings wherever it is not capped") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      // A rounding of v moves the value by |v * slope|, one of the value itself by |value|; the power of an alpha in paper form rounds
      // its exponent a * r, and weighted-js divides by w before it exponentiates.
      const double c = constant_in(s), steep = s.id == DivergenceId::weighted_js && is_paper(s) ? 1 / s.parameter : 1;
      Sweep<double> values, slopes;
      const GameSpec game = game_of(s);
      for (double x = -200; x <= 200; x += 0.0137) {
        const float v = static_cast<float>(x);
        const CappedTerm<float> narrow[] = {critic_real(game, v), critic_fake(game, v)};
        if (critic_real(game, double{v}).capped) {
          values.expect(narrow[0].capped && narrow[1].capped, x);
          continue;
        }
        const Term<double> wide[] = {real_term(s, double{v}), fake_term(s, double{v})};
        const CappedTerm<double> ratio = has_log_ratio(s) ? log_ratio(game, double{v}) : CappedTerm<double>{0, 0, false};
        const double r = c > 0 && is_alpha(s) && std::isfinite(ratio.value) ? std::fabs(ratio.value) : 0;
        const double powers = is_alpha(s) ? 1 + std::fabs(s.parameter) : 1;
        for (int i = 0; i < 2; ++i) {
          values.expect(!narrow[i].capped, x);
          const double size = std::fabs(wide[i].value) * (1 + r) + (std::fabs(v) + c) * wide[i].slope + c;
          values.expect(std::fabs(narrow[i].value - wide[i].value) <= 6 * kEps32 * size + 1e-44, x);
          const double slope_size = wide[i].slope * (1 + std::fabs(v) * (steep + ratio.slope) + r) * (1 + c) * powers;
          slopes.expect(std::fabs(narrow[i].slope - std::min(wide[i].slope, kLargest)) <= 8 * kEps32 * slope_size + 1e-37, x);
        }
      }
      CAPTURE(values.first);
      CAPTURE(slopes.first);
      CHECK(values.faults == 0);
      CHECK(slopes.faults == 0);
    }
  }

  TEST_CASE("just inside its range a term is exact, just outside it is capped with slope 0, and f32 could not have held it") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      const GameSpec game = game_of(s);
      for (double end : {range_of(s).lo, range_of(s).hi}) {
        CAPTURE(end);
        if (std::fabs(end) >= kLargest) continue;
        const double inner = end * (1 - 1e-9), outer = end * (1 + 1e-9);
        CHECK_FALSE(critic_fake(game, inner).capped);
        CHECK(critic_fake(game, inner).value == fake_term(s, inner).value);
        CHECK(critic_real(game, inner).value == real_term(s, inner).value);
        for (const CappedTerm<double>& term : {critic_real(game, outer), critic_fake(game, outer)}) {
          CHECK(term.capped);
          CHECK(term.slope == 0);
          CHECK(std::fabs(term.value) <= kLargest);
        }
        const double beyond = end * (1 + 1e-4);
        const double largest = std::max(std::fabs(fake_term(s, beyond).value), std::fabs(real_term(s, beyond).value));
        CHECK(largest > 0.9999 * kLargest);
      }
    }
    const DivergenceSpec kl{DivergenceId::kl, Parametrization::log_ratio, 0};
    CHECK_FALSE(critic_fake(game_of(kl), 88.722f).capped);
    CHECK(critic_fake(game_of(kl), 88.722f).value == doctest::Approx(std::expm1(double{88.722f})).epsilon(1e-5));
    CHECK(critic_fake(game_of(kl), 88.73f).capped);
    CHECK(critic_fake(game_of(kl), 200.0f).value > 3.4e38f);
  }
}
