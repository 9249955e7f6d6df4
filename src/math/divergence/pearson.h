// Pearson chi-squared: f(u) = (u-1)^2, f*(t) = t^2/4 + t for t >= -2 and -1 below, where the best u >= 0 is 0.
// Paper: T = V; the flat part keeps the minimax generator from being pushed away from the data where V < -2 (MATHS section 2, b).
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct Pearson {
  static constexpr const char* name = "pearson";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return (u - 1) * (u - 1); }
  double derivative(double u) const { return 2 * (u - 1); }
  double conjugate(double t) const { return t < -2 ? -1 : t * (1 + t / 4); }

  template <class S>
  FGAN_HD Term<S> real(Parametrization p, S v) const {
    using std::exp, std::expm1;
    if (p == Parametrization::paper) return {v, S(1)};
    return {S(2) * expm1(v), S(2) * exp(v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    using std::exp, std::expm1;
    if (p == Parametrization::log_ratio) return {expm1(S(2) * v), S(2) * exp(S(2) * v)};
    if (v <= S(-2)) return {S(-1), S(0)};
    return {v * (S(1) + v / S(4)), S(1) + v / S(2)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization p, S v) const {
    using std::log1p;
    if (p == Parametrization::log_ratio) return {v, S(1)};
    if (v <= S(-2)) return {S(-kInfinity), S(0)};
    return {log1p(v / S(2)), S(1) / (S(2) + v)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization p, double r) const { return p == Parametrization::paper ? 2 * std::expm1(r) : r; }
  FGAN_HD Interval range(Parametrization p) const { return {-kLargest, v_of_log_ratio(p, inside(kLogLargest / 2))}; }
};

}  // namespace fgan::math
