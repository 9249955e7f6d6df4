// What a divergence must provide.  D_f(P||Q) = E_Q[f(p/q)] is bounded from below by E_P[T(v)] - E_Q[F(v)] with T = g_f(v) and
// F = f*(T); the bound is tight where T = f'(p/q).  A Divergence is a small value, empty or with its one parameter, that has
//
//   static constexpr const char* name;            what the user types
//   static constexpr bool has_log_ratio;          false: v says nothing about log p/q (total variation), only the paper form exists
//   double f(double u), derivative(double u), conjugate(double t)                  definitions, for tests and reports:
//                                                  f, f', and sup over u >= 0 of ut - f(u), +infinity outside its domain
//   Term<S> real(Parametrization, S v)             T(v)    in a form exact to rounding wherever it is representable
//   Term<S> fake(Parametrization, S v)             F(v)    likewise
//   Term<S> log_ratio(Parametrization, S v)        r = log p/q as learnt by the critic
//   double v_of_log_ratio(Parametrization, double r)   its inverse
//   Interval range(Parametrization)                the v for which T and F are both representable in f32
//
// paper: v is the V of the paper's Table 2, with increasing activations g_f.  log_ratio: v = log p/q, f replaced by
// f(u) - f(1) - f'(1)(u - 1), so that T(0) = F(0) = 0 (except gan, which keeps the familiar log-sigmoid).
#pragma once

#include "math/scalar.h"

namespace fgan::math {

enum class Parametrization : int { paper, log_ratio };

template <class S>
struct Term {
  S value, slope;
};

struct Interval {
  double lo, hi;
};

inline constexpr double kLogLargest = 88.722839052068352;  // e^88.72 is the last f32

// A limit on v, moved inwards by a few f32 roundings so that the rounded argument cannot overflow.
FGAN_HD constexpr double inside(double limit) { return limit * (1 - 5e-7); }

// The largest v with (e^kv - 1) / k representable.
FGAN_HD inline double largest_exponent(double k) {
  if (k <= 0) return kLargest;
  const double v = inside(std::log1p(k * kLargest) / k);
  return v < kLargest ? v : kLargest;
}

}  // namespace fgan::math
