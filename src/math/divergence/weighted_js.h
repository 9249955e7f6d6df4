// Jensen-Shannon with weight w: f(u) = w u log u - (1-w+wu) log(1-w+wu), f*(t) = (1-w) log((1-w) / (1 - w e^(t/w))).
// Log-ratio form: both terms are logarithms of a mixture.  Paper: T = -w log w - softplus(-V); with y = softplus(-V) / w the ratio is
// r = log((1-w)/w) - log(e^y - 1), and F needs log y rather than y, which underflows for large V.
#pragma once

#include "math/divergence/term.h"

namespace fgan::math {

struct WeightedJs {
  double weight = 0.5;

  static constexpr const char* name = "weighted-js";
  static constexpr bool has_log_ratio = true;

  double f(double u) const {
    const double m = 1 - weight + weight * u;
    return (u > 0 ? weight * u * std::log(u) : 0) - m * std::log(m);
  }
  double derivative(double u) const { return weight * std::log(u / (1 - weight + weight * u)); }
  double conjugate(double t) const {
    const double rest = -std::expm1(t / weight + std::log(weight));
    return rest > 0 ? (1 - weight) * std::log((1 - weight) / rest) : kInfinity;
  }

  template <class S>
  FGAN_HD Term<S> real(Parametrization p, S v) const {
    using std::log;
    const S w = S(weight);
    if (p == Parametrization::paper) return {-w * log(w) - softplus(-v), sigmoid(-v)};
    return {-w * log_mixture(S(1 - weight), -v), w * log_mixture_slope(S(1 - weight), -v)};
  }
  template <class S>
  FGAN_HD Term<S> fake(Parametrization p, S v) const {
    using std::log1p;
    const S w = S(weight), rest = S(1 - weight);
    if (p == Parametrization::log_ratio) return {rest * log_mixture(w, v), rest * log_mixture_slope(w, v)};
    const S y = softplus(-v) / w;
    return {rest * (log1p(-w) - log_gap(v)), rest * log_softplus_slope(-v) * over_expm1(y)};
  }
  template <class S>
  FGAN_HD Term<S> log_ratio(Parametrization p, S v) const {
    using std::log, std::log1p;
    if (p == Parametrization::log_ratio) return {v, S(1)};
    const S w = S(weight), y = softplus(-v) / w;
    return {log1p(-w) - log(w) - y - log_gap(v), log_softplus_slope(-v) * over_expm1(y) + sigmoid(-v) / w};
  }
  FGAN_HD double v_of_log_ratio(Parametrization p, double r) const {
    if (p == Parametrization::log_ratio) return r;
    const double shift = std::log(weight) - std::log1p(-weight);
    return -inverse_log_softplus(std::log(weight) + log_softplus(-r - shift));
  }
  FGAN_HD Interval range(Parametrization) const { return {-kLargest, kLargest}; }

 private:
  // log(1 - e^-y) with y = softplus(-v) / w
  template <class S>
  FGAN_HD S log_gap(S v) const {
    using std::log;
    const S w = S(weight);
    return log1mexp(softplus(-v) / w, log_softplus(-v) - log(w));
  }
};

}  // namespace fgan::math
