// Divergences of two pairs of distributions, known in closed form or by independent computation (MATHS section 9): as integrals of f, and
// as the bound at the optimal critic in both parametrisations.
#include <doctest/doctest.h>

#include <cmath>

#include "cases.h"

using namespace fgan::math;
using namespace fgan::test;

namespace {

struct Known {
  DivergenceId id;
  double parameter, gaussians, atoms;
};

const Known kKnown[] = {
    {DivergenceId::kl, 0, 0.5, 0.201490302},
    {DivergenceId::reverse_kl, 0, 0.5, 0.230258509},
    {DivergenceId::pearson, 0, 1.718281828, 0.39},
    {DivergenceId::neyman, 0, 1.718281828, 0.59},
    {DivergenceId::squared_hellinger, 0, 0.235006195, 0.106252508},
    {DivergenceId::jeffrey, 0, 1, 0.431748811},
    {DivergenceId::jensen_shannon, 0, 0.222842964, 0.104649629},
    {DivergenceId::weighted_js, 0.3, 0.094910474, 0.043054403},
    {DivergenceId::gan, 0, -1.163451397, -1.281644732},
    {DivergenceId::total_variation, 0, 0.382924923, 0.3},
    {DivergenceId::alpha, 0.5, 0.470012390, 0.212505016},
    {DivergenceId::alpha, 2.5, 1.472218432, 0.198318315},
    {DivergenceId::alpha, -1, 0.859140914, 0.295},
};

// Calls add(p, q, log p/q) with the weights of a trapezoidal rule for N(0,1) and N(1,1), which is exact to rounding for smooth
// integrands; total variation's kink at 1/2 lies on a node and costs h^2 / 12 * |jump of the slope| < 3e-8.
template <class Add>
void for_gaussians(Add add) {
  const double h = 1e-3, normaliser = 0.3989422804014327;
  for (int i = -12500; i <= 12500; ++i) {
    const double x = 0.5 + i * h;
    add(h * normaliser * std::exp(-x * x / 2), h * normaliser * std::exp(-(x - 1) * (x - 1) / 2), 0.5 - x);
  }
}

template <class Add>
void for_atoms(Add add) {
  for (int i = 0; i < 5; ++i) add(kAtomsP[i], kAtomsQ[i], std::log(kAtomsP[i] / kAtomsQ[i]));
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("the expectation of f over Q is the known divergence") {
    for (const Known& known : kKnown) {
      const DivergenceSpec s{known.id, Parametrization::paper, known.parameter};
      CAPTURE(describe(s));
      double gaussians = 0, atoms = 0;
      for_gaussians([&](double, double q, double r) { gaussians += q * f_of(s, std::exp(r)); });
      for_atoms([&](double, double q, double r) { atoms += q * f_of(s, std::exp(r)); });
      CHECK(std::fabs(gaussians - known.gaussians) <= 5e-8);
      CHECK(std::fabs(atoms - known.atoms) <= 1e-9);
    }
  }

  TEST_CASE("the bound at the optimal critic is the known divergence, in both parametrisations, and lower elsewhere") {
    for (const Known& known : kKnown) {
      for (Parametrization p : {Parametrization::paper, Parametrization::log_ratio}) {
        const DivergenceSpec s{known.id, p, known.parameter};
        CAPTURE(describe(s));
        const GameSpec game = game_of(s);
        double gaussians = 0, atoms = 0, raised = 0, lowered = 0;
        for_gaussians([&](double pw, double qw, double r) {
          gaussians += pw * critic_real(game, optimal_v(s, r)).value - qw * critic_fake(game, optimal_v(s, r)).value;
        });
        for_atoms([&](double pw, double qw, double r) {
          const double v = optimal_v(s, r);
          atoms += pw * critic_real(game, v).value - qw * critic_fake(game, v).value;
          raised += pw * critic_real(game, v + 0.1).value - qw * critic_fake(game, v + 0.1).value;
          lowered += pw * critic_real(game, v - 0.1).value - qw * critic_fake(game, v - 0.1).value;
        });
        CHECK(std::fabs(gaussians - known.gaussians) <= 5e-8);
        CHECK(std::fabs(atoms - known.atoms) <= 1e-9);
        if (has_log_ratio(s)) {
          CHECK(raised < atoms - 1e-5);
          CHECK(lowered < atoms - 1e-5);
        }
      }
    }
  }

  TEST_CASE("f(1) is 0 for every divergence but gan, whose optimum at P = Q is -log 4") {
    for (const DivergenceSpec& s : all_specs()) {
      CAPTURE(describe(s));
      CHECK(f_of(s, 1) == doctest::Approx(s.id == DivergenceId::gan ? -2 * kLog2 : 0));
      if (!is_paper(s) && s.id != DivergenceId::gan) {
        CHECK(real_term(s, 0).value == 0);
        CHECK(fake_term(s, 0).value == 0);
      }
    }
  }
}
