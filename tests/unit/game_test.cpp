// What the game refuses, and what the log says the generator descends.
#include <doctest/doctest.h>

#include "base/error.h"
#include "game/game.h"

namespace fgan {
namespace {

using math::DivergenceId;
using math::Objective;
using math::Parametrization;

Exit refusal(const GameOptions& options) {
  try {
    make_game(options);
  } catch (const Error& error) {
    return error.exit();
  }
  return Exit::done;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("total variation is refused wherever log p/q would be needed") {
    GameOptions o;
    o.divergence = DivergenceId::total_variation;
    CHECK(refusal(o) == Exit::done);
    o.objective = Objective::non_saturating;
    CHECK(refusal(o) == Exit::done);
    o.objective = Objective::maximum_likelihood;
    CHECK(refusal(o) == Exit::usage);
    o.objective = Objective::minimax;
    o.parametrization = Parametrization::log_ratio;
    CHECK(refusal(o) == Exit::usage);
    o.parametrization = Parametrization::paper;
    o.generator_divergence = "kl";
    CHECK(refusal(o) == Exit::usage);
    o.divergence = DivergenceId::kl;
    o.generator_divergence = "total-variation";
    CHECK(refusal(o) == Exit::usage);
  }

  TEST_CASE("contradictions and misspellings are refused") {
    GameOptions o;
    o.generator_divergence = "peason";
    CHECK_THROWS_WITH_AS(make_game(o), doctest::Contains("pearson"), Error);
    o.generator_divergence = "pearson";
    CHECK(refusal(o) == Exit::done);
    o.objective = Objective::maximum_likelihood;
    CHECK(refusal(o) == Exit::usage);
    o = {};
    o.divergence = DivergenceId::alpha;
    o.alpha = 1;
    CHECK(refusal(o) == Exit::usage);
    o.parametrization = Parametrization::log_ratio;
    CHECK(refusal(o) == Exit::done);
    o = {};
    o.critic_steps = 2;
    CHECK(refusal(o) == Exit::usage);
    o.rule = Rule::alternating;
    CHECK(refusal(o) == Exit::done);
  }

  TEST_CASE("the log names the divergence that the generator really descends") {
    GameOptions o;
    o.divergence = DivergenceId::kl;
    CHECK(generator_really_descends(make_game(o)) == "kl");
    o.objective = Objective::non_saturating;
    CHECK(generator_really_descends(make_game(o)) == "reverse-kl");
    o.divergence = DivergenceId::alpha;
    o.alpha = 2.5;
    CHECK(generator_really_descends(make_game(o)) == "alpha(1.5)");
    o.divergence = DivergenceId::gan;
    o.objective = Objective::maximum_likelihood;
    CHECK(generator_really_descends(make_game(o)) == "kl");
    o.objective = Objective::minimax;
    o.generator_divergence = "jeffrey";
    const math::GameSpec game = make_game(o);
    CHECK(game.converts);
    CHECK(generator_really_descends(game) == "jeffrey");
    o.generator_divergence = "gan";
    CHECK_FALSE(make_game(o).converts);
  }
}

}  // namespace fgan
