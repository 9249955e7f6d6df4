// Alpha divergence: f(u) = (u^a - 1 - a(u-1)) / (a(a-1)), any real a; a = 1 is KL, a = 0 reverse KL, in their normalised form.
// With r = log p/q: T = (e^((a-1)r) - 1) / (a-1) and F = (e^(ar) - 1) / a, continuous through a = 0 and a = 1.
// Paper, a < 1: T = 1/(1-a) - softplus(-V), so u^(a-1) = (1-a) softplus(-V), whose logarithm exists where softplus underflows.
// Paper, a > 1: T = V; below V = -1/(a-1) the best u >= 0 is 0 and f* stays at -1/a.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct Alpha {
  double alpha = 0.5;

  static constexpr const char* name = "alpha";
  static constexpr bool has_log_ratio = true;

  double f(double u) const {
    if (alpha == 0) return u - 1 - std::log(u);
    if (alpha == 1) return (u > 0 ? u * std::log(u) : 0) - u + 1;
    return (std::pow(u, alpha) - 1 - alpha * (u - 1)) / (alpha * (alpha - 1));
  }
  double derivative(double u) const { return expm1_over(alpha - 1, std::log(u)); }
  double conjugate(double t) const {
    const double base = (alpha - 1) * t + 1;
    if (base <= 0 && alpha > 1) return -1 / alpha;
    if (base < 0 || (base == 0 && alpha >= 0)) return kInfinity;
    return base == 0 ? -1 / alpha : expm1_over(alpha, log1p_over(alpha - 1, t));
  }

  template <class S>
  FGAN_HD Term<S> real(Parametrization p, S v) const {
    using std::exp;
    const S k = S(alpha - 1);
    if (p == Parametrization::log_ratio) return {expm1_over(k, v), exp(k * v)};
    if (alpha >= 1) return {v, S(1)};
    return {S(-1) / k - softplus(-v), sigmoid(-v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    using std::exp;
    const S a = S(alpha);
    if (p == Parametrization::paper && clamped(v)) return {S(-1) / a, S(0)};
    const Term<S> r = log_ratio(p, v);
    if (p == Parametrization::paper && alpha >= 1) return {expm1_over(a, r.value), exp(r.value)};
    return {expm1_over(a, r.value), r.slope * exp(a * r.value)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization p, S v) const {
    using std::log;
    const S k = S(alpha - 1);
    if (p == Parametrization::log_ratio) return {v, S(1)};
    if (clamped(v)) return {S(-kInfinity), S(0)};
    if (alpha >= 1) return {log1p_over(k, v), S(1) / (S(1) + k * v)};
    return {(log(-k) + log_softplus(-v)) / k, log_softplus_slope(-v) / -k};
  }
  FGAN_HD double v_of_log_ratio(Parametrization p, double r) const {
    if (p == Parametrization::log_ratio) return r;
    if (alpha >= 1) return expm1_over(alpha - 1, r);
    return -inverse_log_softplus((alpha - 1) * r - std::log(1 - alpha));
  }
  FGAN_HD Interval range(Parametrization p) const {
    const double most = largest_exponent(alpha);  // of r, by F
    if (p == Parametrization::paper) return {-kLargest, most < kLargest ? v_of_log_ratio(p, most) : kLargest};
    const double by_real = largest_exponent(alpha - 1);
    const double low_real = -largest_exponent(1 - alpha), low_fake = -largest_exponent(-alpha);
    return {low_real > low_fake ? low_real : low_fake, by_real < most ? by_real : most};
  }

 private:
  // a > 1 in paper form: V at or below the limit where the learnt ratio is zero
  template <class S>
  FGAN_HD bool clamped(S v) const {
    return alpha > 1 && S(alpha - 1) * v <= S(-1);
  }
};

}  // namespace fgan::math
