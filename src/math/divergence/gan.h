// GAN: f(u) = u log u - (u+1) log(u+1), twice Jensen-Shannon less log 4.  T = log s(v), F = -log(1 - s(v)): binary cross-entropy.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct Gan {
  static constexpr const char* name = "gan";
  static constexpr bool has_log_ratio = true;

  double f(double u) const { return (u > 0 ? u * std::log(u) : 0) - (u + 1) * std::log1p(u); }
  double derivative(double u) const { return -std::log1p(1 / u); }
  double conjugate(double t) const { return t < 0 ? -std::log(-std::expm1(t)) : kInfinity; }

  template <class S>
  FGAN_HD Term<S> real(Parametrization, S v) const {
    return {-softplus(-v), sigmoid(-v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization, S v) const {
    return {softplus(v), sigmoid(v)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization, S v) const {
    return {v, S(1)};
  }
  FGAN_HD double v_of_log_ratio(Parametrization, double r) const { return r; }
  FGAN_HD Interval range(Parametrization) const { return {-kLargest, kLargest}; }
};

}  // namespace fgan::math
