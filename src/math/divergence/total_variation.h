// Total variation: f(u) = |u-1| / 2, f*(t) = max(t, -1/2) for t <= 1/2.  T = F = tanh(V) / 2: the optimum is a sign, so V is no
// log-ratio, has no normalised form, and says nothing about p/q beyond which is larger.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct TotalVariation {
  static constexpr const char* name = "total-variation";
  static constexpr bool has_log_ratio = false;

  double f(double u) const { return std::fabs(u - 1) / 2; }
  double derivative(double u) const { return u > 1 ? 0.5 : u < 1 ? -0.5 : 0; }
  double conjugate(double t) const { return t > 0.5 ? kInfinity : t < -0.5 ? -0.5 : t; }

  template <class S>
  FGAN_HD Term<S> real(Parametrization, S v) const {
    using std::tanh;
    return {tanh(v) / S(2), S(2) * sigmoid(S(2) * v) * sigmoid(S(-2) * v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    return real(p, v);
  }
  FGAN_HD Interval range(Parametrization) const { return {-kLargest, kLargest}; }
};

}  // namespace fgan::math
