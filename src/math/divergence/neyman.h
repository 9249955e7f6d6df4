// Neyman chi-squared: f(u) = (1-u)^2 / u, f*(t) = 2 - 2 sqrt(1-t).  Paper: T = 1 - e^-V, so log p/q = V/2.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct Neyman {
  static constexpr const char* name = "neyman";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return (1 - u) * (1 - u) / u; }
  double derivative(double u) const { return 1 - 1 / (u * u); }
  double conjugate(double t) const { return t <= 1 ? 2 - 2 * std::sqrt(1 - t) : kInfinity; }

  template <class S>
  FGAN_HD Term<S> real(Parametrization p, S v) const {
    using std::exp, std::expm1;
    const Term<S> r = log_ratio(p, v);
    return {-expm1(S(-2) * r.value), S(2) * r.slope * exp(S(-2) * r.value)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    using std::exp, std::expm1;
    const Term<S> r = log_ratio(p, v);
    return {S(-2) * expm1(-r.value), S(2) * r.slope * exp(-r.value)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization p, S v) const {
    if (p == Parametrization::paper) return {v / S(2), S(0.5)};
    return {v, S(1)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization p, double r) const { return p == Parametrization::paper ? 2 * r : r; }
  FGAN_HD Interval range(Parametrization p) const { return {v_of_log_ratio(p, -inside(kLogLargest / 2)), kLargest}; }
};

}  // namespace fgan::math
