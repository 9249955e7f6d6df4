// Options of the game: [game].
#pragma once

#include <array>
#include <string>

#include "base/option.h"
#include "math/game.h"

namespace fgan {

template <>
struct EnumNames<math::DivergenceId> {
  static constexpr auto& names = math::kDivergenceNames;
};
template <>
struct EnumNames<math::Parametrization> {
  static constexpr std::array<std::string_view, 2> names{"paper", "log-ratio"};
};
template <>
struct EnumNames<math::Objective> {
  static constexpr std::array<std::string_view, 3> names{"minimax", "non-saturating", "maximum-likelihood"};
};

enum class Rule : int { single_step, alternating };
template <>
struct EnumNames<Rule> {
  static constexpr std::array<std::string_view, 2> names{"single-step", "alternating"};
};

struct GameOptions {
  math::DivergenceId divergence = math::DivergenceId::gan;
  double alpha = 0.5;
  double pi = 0.5;
  math::Parametrization parametrization = math::Parametrization::paper;
  math::Objective objective = math::Objective::minimax;
  std::string generator_divergence;
  Rule rule = Rule::single_step;
  int critic_steps = 1;
  bool fresh_fakes = false;
  double label_smoothing = 0;
  double limit = 0;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "divergence", .help = "f: what the critic measures", .short_name = "divergence"}, divergence);
    v(Option{.key = "alpha", .help = "of the alpha divergence", .min = -100, .max = 100}, alpha);
    v(Option{.key = "pi", .help = "weight of weighted-js", .min = 1e-6, .max = 0.999999}, pi);
    v(Option{.key = "parametrization",
             .help = "of the critic's output: the paper's activations, or v = log p/q",
             .short_name = "parametrization"},
      parametrization);
    v(Option{.key = "objective", .help = "what the generator descends", .short_name = "objective"}, objective);
    v(
        Option{
            .key = "generator_divergence", .help = "what the generator descends, if not f; empty: f", .short_name = "generator-divergence"},
        generator_divergence);
    v(Option{.key = "rule", .help = "single-step (Algorithm 1), or critic and generator in turn", .short_name = "rule"}, rule);
    v(Option{.key = "critic_steps", .help = "alternating: critic updates for one of the generator", .min = 1, .max = 1000}, critic_steps);
    v(Option{.key = "fresh_fakes", .help = "alternating: draw new fakes for the generator's update"}, fresh_fakes);
    v(Option{.key = "label_smoothing", .help = "one-sided: real rows count as 1 - a", .unit = "fraction", .min = 0, .max = 0.499},
      label_smoothing);
    v(Option{.key = "limit",
             .help = "the critic's output is bent (tanh) to stay this near to where it has no opinion; 0: not",
             .min = 0,
             .max = 80},
      limit);
  }
};

}  // namespace fgan
