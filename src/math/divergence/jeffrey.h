// Jeffrey, KL(P||Q) + KL(Q||P): f(u) = (u-1) log u.  With r = log p/q: T = r + 1 - e^-r, F = r + e^r - 1.
// Paper: T = V, so r = -log of the Wright omega function at 1 - V; no Lambert W that overflows, no difference of large numbers.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct Jeffrey {
  static constexpr const char* name = "jeffrey";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return (u - 1) * std::log(u); }
  double derivative(double u) const { return std::log(u) + 1 - 1 / u; }
  double conjugate(double t) const {
    const double r = -log_omega1p(-t);
    return r + std::expm1(r);
  }

  template <class S>
  FGAN_HD Term<S> real(Parametrization p, S v) const {
    using std::exp, std::expm1;
    if (p == Parametrization::paper) return {v, S(1)};
    return {v - expm1(-v), S(1) + exp(-v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    using std::exp, std::expm1;
    const S r = log_ratio(p, v).value;
    return {r + expm1(r), p == Parametrization::paper ? exp(r) : S(1) + exp(r)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization p, S v) const {
    if (p == Parametrization::log_ratio) return {v, S(1)};
    const S r = -log_omega1p(-v);
    return {r, sigmoid(r)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization p, double r) const { return p == Parametrization::paper ? r - std::expm1(-r) : r; }
  FGAN_HD Interval range(Parametrization p) const {
    const double limit = inside(kLogLargest);
    return {p == Parametrization::paper ? -kLargest : -limit, v_of_log_ratio(p, limit)};
  }
};

}  // namespace fgan::math
