#include "game/game.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace fgan {
namespace {

using math::DivergenceId;
using math::Objective;
using math::Parametrization;

double parameter_of(DivergenceId id, const GameOptions& options) { return id == DivergenceId::weighted_js ? options.pi : options.alpha; }

DivergenceId divergence_named(const std::string& name) {
  for (const math::DivergenceInfo& info : math::kDivergences)
    if (name == info.name) return info.id;
  fail(Exit::usage, "game.generator_divergence = {} is no divergence{}", name, suggestion(name, math::kDivergenceNames));
}

void refuse_without_log_ratio(const math::GameSpec& game) {
  const math::DivergenceInfo& critic = math::info_of(game.critic.id);
  if (!critic.has_log_ratio) {
    const auto refuse = [&](const char* what) {
      fail(Exit::usage, "{} is not defined for game.divergence = {}: its critic does not learn log p/q", what, critic.name);
    };
    if (game.critic.parametrization == Parametrization::log_ratio) refuse("game.parametrization = log-ratio");
    if (game.objective == Objective::maximum_likelihood) refuse("game.objective = maximum-likelihood");
    if (game.converts) refuse("game.generator_divergence");
  }
  if (game.converts && !math::info_of(game.generator.id).has_log_ratio)
    fail(Exit::usage, "game.generator_divergence = {} has no form in log p/q: it can only be descended with its own critic",
         math::name_of(game.generator.id));
}

std::string spelt(const math::DivergenceSpec& spec) {
  const std::string name = math::name_of(spec.id);
  return math::info_of(spec.id).has_parameter ? format("{}({:g})", name, spec.parameter) : name;
}

// h with h''(u) = f''(u) / u: what "raise T" descends when the critic is f's (MATHS section 4).
std::string raised(const math::DivergenceSpec& f) {
  switch (f.id) {
    case DivergenceId::kl: return "reverse-kl";
    case DivergenceId::reverse_kl: return "neyman / 2";
    case DivergenceId::pearson: return "2 x kl";
    case DivergenceId::alpha: return format("alpha({:g})", f.parameter - 1);
    default: return format("h with h''(u) = f''(u) / u, f = {}: a reverse-leaning relative of it", spelt(f));
  }
}

}  // namespace

math::GameSpec make_game(const GameOptions& options) {
  math::GameSpec game;
  game.critic = {options.divergence, options.parametrization, parameter_of(options.divergence, options)};
  game.generator = game.critic;
  game.objective = options.objective;
  game.smoothing = options.label_smoothing;
  game.limit = options.limit;
  if (!options.generator_divergence.empty()) {
    const DivergenceId id = divergence_named(options.generator_divergence);
    game.converts = id != options.divergence;
    if (game.converts) game.generator = {id, Parametrization::log_ratio, parameter_of(id, options)};
  }
  refuse_without_log_ratio(game);
  if (options.divergence == DivergenceId::alpha && options.parametrization == Parametrization::paper &&
      (options.alpha == 0 || options.alpha == 1))
    fail(Exit::usage, "game.alpha = {:g} is not defined in the paper's parametrisation: use divergence {}, or parametrization = log-ratio",
         options.alpha, options.alpha == 0 ? "reverse-kl" : "kl");
  game.centre = math::opinion_free_v(game.critic);
  if (!std::isfinite(math::threshold_v(game)))
    fail(Exit::usage, "game.limit = {:g} is too narrow for game.label_smoothing = {:g}: the level of equal odds lies outside",
         options.limit, options.label_smoothing);
  if (game.objective == Objective::maximum_likelihood && !options.generator_divergence.empty() && options.generator_divergence != "kl")
    fail(Exit::usage, "game.objective = maximum-likelihood descends kl: it contradicts game.generator_divergence = {}",
         options.generator_divergence);
  if (options.rule == Rule::single_step && options.critic_steps != 1)
    fail(Exit::usage, "game.critic_steps = {} needs game.rule = alternating: the single-step rule updates both players once",
         options.critic_steps);
  return game;
}

bool descends_the_bound(const math::GameSpec& game) {
  if (game.objective == Objective::maximum_likelihood) return game.critic.id == DivergenceId::kl;
  return game.objective == Objective::minimax && !game.converts;
}

std::string generator_really_descends(const math::GameSpec& game) {
  if (game.objective == Objective::maximum_likelihood) return "kl";
  if (game.objective == Objective::minimax) return spelt(game.generator);
  return raised(game.generator);
}

}  // namespace fgan
