// Squared Hellinger: f(u) = (sqrt u - 1)^2, f*(t) = t / (1-t).  Paper: T = 1 - e^-V, F = e^V - 1, so log p/q = 2V.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct SquaredHellinger {
  static constexpr const char* name = "squared-hellinger";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return (std::sqrt(u) - 1) * (std::sqrt(u) - 1); }
  double derivative(double u) const { return 1 - 1 / std::sqrt(u); }
  double conjugate(double t) const { return t < 1 ? t / (1 - t) : kInfinity; }

  template <class S>
  FGAN_HD Term<S> real(Parametrization p, S v) const {
    using std::exp, std::expm1;
    const Term<S> r = log_ratio(p, v);
    return {-expm1(r.value / S(-2)), r.slope / S(2) * exp(r.value / S(-2))};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    using std::exp, std::expm1;
    const Term<S> r = log_ratio(p, v);
    return {expm1(r.value / S(2)), r.slope / S(2) * exp(r.value / S(2))};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization p, S v) const {
    if (p == Parametrization::paper) return {S(2) * v, S(2)};
    return {v, S(1)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization p, double r) const { return p == Parametrization::paper ? r / 2 : r; }
  FGAN_HD Interval range(Parametrization p) const {
    const double limit = v_of_log_ratio(p, inside(2 * kLogLargest));
    return {-limit, limit};
  }
};

}  // namespace fgan::math
