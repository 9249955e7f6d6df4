// Kullback-Leibler KL(P||Q): f(u) = u log u, f*(t) = e^(t-1).  Paper: T = V, so log p/q = V - 1 and the threshold is V = 1.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct Kl {
  static constexpr const char* name = "kl";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return u > 0 ? u * std::log(u) : 0; }
  double derivative(double u) const { return 1 + std::log(u); }
  double conjugate(double t) const { return std::exp(t - 1); }

  template <class S>
  FGAN_HD Term<S> real(Parametrization, S v) const {
    return {v, S(1)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    using std::exp, std::expm1;
    const S r = log_ratio(p, v).value;
    return {p == Parametrization::paper ? exp(r) : expm1(r), exp(r)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization p, S v) const {
    return {p == Parametrization::paper ? v - S(1) : v, S(1)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization p, double r) const { return p == Parametrization::paper ? r + 1 : r; }
  FGAN_HD Interval range(Parametrization p) const { return {-kLargest, v_of_log_ratio(p, inside(kLogLargest))}; }
};

}  // namespace fgan::math
