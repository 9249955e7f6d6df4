// What the two players really do: smoothing, the level of "no opinion", and which divergence the generator descends (MATHS 4 and 6).
#include <doctest/doctest.h>

#include <cmath>

#include "cases.h"

using namespace fgan::math;
using namespace fgan::test;

namespace {

const double kShares[] = {0.0, 0.05, 0.1, 0.3};

// d/dq_i of sum_j q_j h(p_j / q_j), by central differences whose error is of fourth order: at most 1e-9 for alpha = 5.
template <class H>
double partial(H h, int i) {
  const double p = kAtomsP[i], q = kAtomsQ[i], e = 1e-4;
  const auto term = [&](double d) { return (q + d) * h(p / (q + d)); };
  return (8 * (term(e) - term(-e)) - (term(2 * e) - term(-2 * e))) / (12 * e);
}

// On the simplex only differences between atoms matter: the generator's terms are the gradient of D_h iff all their differences agree.
template <class H>
void check_descends(const GameSpec& game, H h) {
  double term[5], gradient[5];
  for (int i = 0; i < 5; ++i) {
    term[i] = generator_fake(game, optimal_v(game.critic, std::log(kAtomsP[i] / kAtomsQ[i]))).value;
    gradient[i] = partial(h, i);
  }
  for (int i = 1; i < 5; ++i) CHECK(std::fabs(term[i] - term[0] - (gradient[i] - gradient[0])) <= 1e-8);
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("the minimax generator descends the critic's divergence") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      check_descends(game_of(s), [&](double u) { return f_of(s, u); });
    }
  }

  TEST_CASE("the non-saturating generator descends the h with h'' = f''/u") {
    for (const DivergenceSpec& s : all_specs()) {
      if (!has_log_ratio(s)) continue;
      CAPTURE(describe(s));
      const GameSpec game = game_of(s, Objective::non_saturating);
      switch (s.id) {
        case DivergenceId::kl: check_descends(game, [](double u) { return ReverseKl{}.f(u); }); break;
        case DivergenceId::reverse_kl: check_descends(game, [](double u) { return Neyman{}.f(u) / 2; }); break;
        case DivergenceId::pearson: check_descends(game, [](double u) { return 2 * Kl{}.f(u); }); break;
        case DivergenceId::alpha: check_descends(game, [&](double u) { return Alpha{s.parameter - 1}.f(u); }); break;
        case DivergenceId::gan:
        case DivergenceId::jensen_shannon:  // h'' = 1 / (u^2 (1+u))
          check_descends(game, [](double u) { return (1 + u) * std::log((1 + u) / u); });
          break;
        default: break;
      }
    }
  }

  TEST_CASE("with a generator divergence the minimax generator descends that one, whatever the critic ascends") {
    for (const DivergenceSpec& s : all_specs()) {
      if (!has_log_ratio(s)) continue;
      for (const DivergenceInfo& info : kDivergences) {
        if (!info.has_log_ratio) continue;
        CAPTURE(describe(s));
        CAPTURE(info.name);
        const DivergenceSpec h{info.id, Parametrization::paper, 0.5};
        check_descends(converting(s, info.id, Objective::minimax), [&](double u) { return f_of(h, u); });
      }
      check_descends(game_of(s, Objective::maximum_likelihood), [](double u) { return Kl{}.f(u); });
    }
  }

  TEST_CASE("maximum likelihood has the slope of the kl generator, and of kl's own minimax in log-ratio form") {
    const DivergenceSpec gan{DivergenceId::gan, Parametrization::paper, 0}, kl{DivergenceId::kl, Parametrization::log_ratio, 0};
    for (float v = -90; v < 100; v += 0.37f) {
      const CappedTerm<float> likelihood = generator_fake(game_of(gan, Objective::maximum_likelihood), v);
      CHECK(likelihood.slope == generator_fake(converting(gan, DivergenceId::kl, Objective::minimax), v).slope);
      CHECK(likelihood.slope == generator_fake(game_of(kl, Objective::maximum_likelihood), v).slope);
      CHECK(likelihood.slope == generator_fake(game_of(kl), v).slope);
      CHECK(likelihood.capped == (v > 88.7228f));
    }
  }

  TEST_CASE("the smoothed gan term is the cross-entropy with target 1 - a") {
    const GameSpec game = game_of({DivergenceId::gan, Parametrization::paper, 0});
    for (double a : kShares) {
      for (double v : {-700.0, -30.0, -1.0, 0.0, 2.2, 30.0, 700.0}) {
        const double smoothed = (1 - a) * critic_real(game, v).value - a * critic_fake(game, v).value;
        const double entropy = -(1 - a) * std::log(sigmoid(v)) - a * std::log(sigmoid(-v));
        CHECK(smoothed == doctest::Approx(-entropy).epsilon(1e-12));
      }
    }
  }

  TEST_CASE("at P = Q the smoothed objective of the critic is stationary at the threshold, with the known value") {
    for (const DivergenceSpec& s : all_specs()) {
      if (!has_log_ratio(s)) continue;
      CAPTURE(describe(s));
      for (double a : kShares) {
        GameSpec game = game_of(s);
        game.smoothing = a;
        const double v = threshold_v(game);
        const CappedTerm<double> real = critic_real(game, v), fake = critic_fake(game, v);
        CHECK((1 - a) * real.slope == doctest::Approx((1 + a) * fake.slope).epsilon(1e-10));
        if (!is_paper(s) && s.id != DivergenceId::gan) continue;
        const double value = (1 - a) * real.value - (1 + a) * fake.value, ratio = (1 - a) / (1 + a);
        CHECK(std::fabs(value - (1 + a) * f_of(s, ratio)) <= 1e-12);
      }
    }
    const auto level = [](DivergenceId id) { return 1.1 * f_of({id, Parametrization::paper, 0}, 0.9 / 1.1); };
    CHECK(std::fabs(level(DivergenceId::kl) + 0.180604) < 1e-6);
    CHECK(std::fabs(level(DivergenceId::gan) + 1.376278) < 1e-6);
    CHECK(std::fabs(level(DivergenceId::pearson) - 0.036364) < 1e-6);
    CHECK(std::fabs(level(DivergenceId::reverse_kl) - 0.220738) < 1e-6);
    CHECK(std::fabs(level(DivergenceId::jeffrey) - 0.040134) < 1e-6);
  }

  TEST_CASE("without smoothing the threshold is where T = f'(1), and 0 for total variation with any smoothing") {
    const auto threshold = [](DivergenceId id, double parameter, double smoothing) {
      GameSpec game = game_of({id, Parametrization::paper, parameter});
      game.smoothing = smoothing;
      return threshold_v(game);
    };
    CHECK(threshold(DivergenceId::kl, 0, 0) == 1);
    CHECK(threshold(DivergenceId::gan, 0, 0) == 0);
    CHECK(threshold(DivergenceId::gan, 0, 0.1) == doctest::Approx(std::log(0.9 / 1.1)));
    CHECK(threshold(DivergenceId::pearson, 0, 0) == 0);
    CHECK(threshold(DivergenceId::total_variation, 0, 0) == 0);
    CHECK(threshold(DivergenceId::total_variation, 0, 0.1) == 0);
    CHECK(std::fabs(threshold(DivergenceId::weighted_js, 0.3, 0) - 0.8323) < 5e-5);
    CHECK(std::fabs(threshold(DivergenceId::alpha, 0.5, 0) + 1.8546) < 5e-5);
    CHECK(std::fabs(threshold(DivergenceId::alpha, -1, 0) - 0.4328) < 5e-5);
    CHECK(threshold(DivergenceId::alpha, 2.5, 0) == 0);
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      const double opinion = is_paper(s) || s.id == DivergenceId::gan ? derivative_of(s, 1) : 0;
      CHECK(real_term(s, threshold_v(game_of(s))).value == doctest::Approx(opinion));
    }
  }

  TEST_CASE("a critic without a log-ratio answers not a number when asked for one") {
    const GameSpec game = game_of({DivergenceId::total_variation, Parametrization::paper, 0});
    CHECK(std::isnan(log_ratio(game, 0.5f).value));
  }
}
