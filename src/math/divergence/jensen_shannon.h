// Jensen-Shannon as the paper's generator has it, twice the usual one: f(u) = u log u - (u+1) log((1+u)/2).
// T = log 2 - softplus(-v), F = softplus(v) - log 2: the logarithms of an even mixture, which keep their digits around v = 0.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct JensenShannon {
  static constexpr const char* name = "jensen-shannon";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return (u > 0 ? u * std::log(u) : 0) - (u + 1) * std::log((1 + u) / 2); }
  double derivative(double u) const { return std::log(2 * u / (1 + u)); }
  double conjugate(double t) const { return t < kLog2 ? -std::log(2 - std::exp(t)) : kInfinity; }

  template <class S>
  FGAN_HD Term<S> real(Parametrization, S v) const {
    return {-log_mixture(S(0.5), -v), sigmoid(-v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization, S v) const {
    return {log_mixture(S(0.5), v), sigmoid(v)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization, S v) const {
    return {v, S(1)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization, double r) const { return r; }
  FGAN_HD Interval range(Parametrization) const { return {-kLargest, kLargest}; }
};

}  // namespace fgan::math
