// Reverse Kullback-Leibler KL(Q||P): f(u) = -log u, f*(t) = -1 - log(-t).  Paper: T = -e^-V, F = V - 1, the logarithm undone by hand.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct ReverseKl {
  static constexpr const char* name = "reverse-kl";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return -std::log(u); }
  double derivative(double u) const { return -1 / u; }
  double conjugate(double t) const { return t < 0 ? -1 - std::log(-t) : kInfinity; }

  template <class S>
  FGAN_HD Term<S> real(Parametrization p, S v) const {
    using std::exp, std::expm1;
    return {p == Parametrization::paper ? -exp(-v) : -expm1(-v), exp(-v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    return {p == Parametrization::paper ? v - S(1) : v, S(1)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization, S v) const {
    return {v, S(1)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization, double r) const { return r; }
  FGAN_HD Interval range(Parametrization) const { return {-inside(kLogLargest), kLargest}; }
};

}  // namespace fgan::math
