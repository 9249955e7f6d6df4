// Every divergence of the list in every form the program accepts, with several values of its parameter; and the pairs of distributions
// whose divergences MATHS section 9 gives.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "math/game.h"

namespace fgan::test {

inline constexpr double kEps32 = std::numeric_limits<float>::epsilon();
inline constexpr double kEps64 = std::numeric_limits<double>::epsilon();

inline bool is_alpha(const math::DivergenceSpec& s) { return s.id == math::DivergenceId::alpha; }
inline bool is_paper(const math::DivergenceSpec& s) { return s.parametrization == math::Parametrization::paper; }

inline std::vector<math::DivergenceSpec> all_specs() {
  using math::DivergenceId, math::Parametrization;
  std::vector<math::DivergenceSpec> specs;
  for (const math::DivergenceInfo& info : math::kDivergences) {
    std::vector<double> parameters{0.5};
    if (info.id == DivergenceId::alpha) parameters = {0.5, 2.5, -1.0, 0.9, 1.2, 5.0, 0.0, 1.0};
    if (info.id == DivergenceId::weighted_js) parameters = {0.5, 0.3, 0.9};
    for (double parameter : parameters) {
      const bool limit = info.id == DivergenceId::alpha && (parameter == 0.0 || parameter == 1.0);
      if (!limit) specs.push_back({info.id, Parametrization::paper, parameter});
      if (info.has_log_ratio) specs.push_back({info.id, Parametrization::log_ratio, parameter});
    }
  }
  return specs;
}

inline bool has_log_ratio(const math::DivergenceSpec& s) { return math::info_of(s.id).has_log_ratio; }

inline std::string describe(const math::DivergenceSpec& s) {
  return std::string(math::name_of(s.id)) + (is_paper(s) ? ", paper, " : ", log-ratio, ") + std::to_string(s.parameter);
}

// Uniform access to the spec's divergence, for tests that do not name it.
inline math::Term<double> real_term(const math::DivergenceSpec& s, double v) {
  return math::visit(s, [&](const auto& f) { return f.real(s.parametrization, v); });
}
inline math::Term<double> fake_term(const math::DivergenceSpec& s, double v) {
  return math::visit(s, [&](const auto& f) { return f.fake(s.parametrization, v); });
}
inline double f_of(const math::DivergenceSpec& s, double u) {
  return math::visit(s, [&](const auto& f) { return f.f(u); });
}
inline double derivative_of(const math::DivergenceSpec& s, double u) {
  return math::visit(s, [&](const auto& f) { return f.derivative(u); });
}
inline double conjugate_of(const math::DivergenceSpec& s, double t) {
  return math::visit(s, [&](const auto& f) { return f.conjugate(t); });
}
inline math::Interval range_of(const math::DivergenceSpec& s) {
  return math::visit(s, [&](const auto& f) { return f.range(s.parametrization); });
}

// The v at which the bound is tight for the ratio e^r; total variation needs an infinite one, 50 is one to rounding.
inline double optimal_v(const math::DivergenceSpec& s, double r) {
  return math::visit(s, [&](const auto& f) {
    if constexpr (std::decay_t<decltype(f)>::has_log_ratio) return f.v_of_log_ratio(s.parametrization, r);
    else return r > 0 ? 50.0 : r < 0 ? -50.0 : 0.0;
  });
}

inline math::GameSpec game_of(const math::DivergenceSpec& critic, math::Objective objective = math::Objective::minimax) {
  return {critic, critic, false, objective, 0};
}

inline math::GameSpec converting(const math::DivergenceSpec& critic, math::DivergenceId generator, math::Objective objective) {
  return {critic, {generator, math::Parametrization::log_ratio, 0.5}, true, objective, 0};
}

inline constexpr double kAtomsP[] = {0.1, 0.2, 0.3, 0.25, 0.15};
inline constexpr double kAtomsQ[] = {0.3, 0.1, 0.2, 0.15, 0.25};

}  // namespace fgan::test
