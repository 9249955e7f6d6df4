// Scalar functions that keep their digits where the textbook formula loses them.  S is float, double, or any type with the
// functions of <cmath> found by argument-dependent lookup (the tests use dual numbers); branches never change the derivative.
#pragma once

#include <cmath>
#include <limits>

#include "math/hd.h"

namespace fgan::math {

inline constexpr double kLargest = std::numeric_limits<float>::max();  // every value of a game must be representable in f32
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kLog2 = 0.69314718055994530942;

// log(1 + e^x)
template <class S>
FGAN_HD S softplus(S x) {
  using std::exp, std::log1p;
  return x > S(0) ? x + log1p(exp(-x)) : log1p(exp(x));
}

// 1 / (1 + e^-x), relatively exact at both ends
template <class S>
FGAN_HD S sigmoid(S x) {
  using std::exp;
  if (x > S(0)) return S(1) / (S(1) + exp(-x));
  const S e = exp(x);
  return e / (S(1) + e);
}

// log(log(1 + e^x)): for very negative x the softplus underflows, its logarithm is x - e^x / 2 + O(e^2x)
template <class S>
FGAN_HD S log_softplus(S x) {
  using std::exp, std::log;
  if (x < S(-20)) return x - exp(x) / S(2);
  return log(softplus(x));
}

// Derivative of log_softplus: sigmoid(x) / softplus(x), which tends to 1 where both underflow
template <class S>
FGAN_HD S log_softplus_slope(S x) {
  using std::exp;
  if (x < S(-20)) return S(1) - exp(x) / S(2);
  return sigmoid(x) / softplus(x);
}

// The x with log_softplus(x) = y
template <class S>
FGAN_HD S inverse_log_softplus(S y) {
  using std::exp, std::expm1, std::log;
  if (y < S(-20)) return y + exp(y) / S(2);
  const S s = exp(y);
  return s + log(-expm1(-s));
}

// log(1 - e^-y) for y > 0, given log y too: y may have underflowed
template <class S>
FGAN_HD S log1mexp(S y, S log_y) {
  using std::exp, std::expm1, std::log, std::log1p;
  if (y < S(1e-4)) return log_y - y / S(2) + y * y / S(24);
  return y < S(kLog2) ? log(-expm1(-y)) : log1p(-exp(-y));
}

// y / (e^y - 1) for y >= 0
template <class S>
FGAN_HD S over_expm1(S y) {
  using std::expm1;
  if (y < S(1e-8)) return S(1) - y / S(2);
  return y > S(800) ? S(0) : y / expm1(y);
}

// (e^kx - 1) / k, which is x at k = 0.  The square keeps e^kx from overflowing where the quotient does not.
template <class S>
FGAN_HD S expm1_over(S k, S x) {
  using std::exp, std::expm1;
  if (k == S(0)) return x;
  if (k * x < S(80)) return expm1(k * x) / k;
  const S root = exp(k * x / S(2));
  return root * (root / k);
}

// log(1 + kx) / k for kx > -1, which is x at k = 0: the inverse of expm1_over
template <class S>
FGAN_HD S log1p_over(S k, S x) {
  using std::log, std::log1p;
  if (k == S(0)) return x;
  return k * x < S(1e30) ? log1p(k * x) / k : (log(k) + log(x)) / k;
}

// log(1 - w + w e^x), 0 < w < 1: the first form is exact around its zero, the second cannot overflow.  Slope: log_mixture_slope.
template <class S>
FGAN_HD S log_mixture(S w, S x) {
  using std::expm1, std::log, std::log1p;
  if (x > S(-0.5) && x < S(0.5)) return log1p(w * expm1(x));
  return log1p(-w) + softplus(x + log(w) - log1p(-w));
}

template <class S>
FGAN_HD S log_mixture_slope(S w, S x) {
  using std::log, std::log1p;
  return sigmoid(x + log(w) - log1p(-w));
}

// The y with y + e^y - 1 = d: the logarithm of the Wright omega function at 1 + d, with all digits around d = 0.
// Far to the right e^y = 1 + d - y is a contraction by 1/d and cannot overflow; elsewhere three steps of Halley's method, which
// triples the digits, start from the sum of both asymptotes.
template <class S>
FGAN_HD S log_omega1p(S d) {
  using std::exp, std::expm1, std::log, std::log1p;
  if (d > S(1e4)) {
    S y = log(d);
    for (int i = 0; i < 5; ++i) y = log1p(d - y);
    return y;
  }
  S y = d > S(0) ? log1p(d / S(2)) : d - expm1(d / S(2));
  for (int i = 0; i < 4; ++i) {
    const S e = expm1(y), residual = y + e - d, slope = S(2) + e, curvature = S(1) + e;
    y = y - S(2) * residual * slope / (S(2) * slope * slope - residual * curvature);
  }
  return y;
}

}  // namespace fgan::math
