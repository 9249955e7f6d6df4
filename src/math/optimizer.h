// Optimisers: what one update takes from a weight, and what it remembers of the gradient g.  first and second are the two numbers kept for
// every weight; t counts updates from 1, rate is negative for a player that ascends.
//   sgd      first = momentum first + g                                         w -= rate first            (PyTorch's momentum)
//   adam     first = beta1 first + (1 - beta1) g,  second = beta2 second + (1 - beta2) g^2      (Kingma and Ba 2015, algorithm 1)
//            w -= rate / (1 - beta1^t) first / (sqrt(second) / sqrt(1 - beta2^t) + epsilon)
//   rmsprop  second = decay second + (1 - decay) g^2                             (Tieleman and Hinton 2012, as PyTorch has it, not centred)
//            first = momentum first + g / (sqrt(second) + epsilon)               w -= rate first
#pragma once

#include <cmath>
#include <cstdint>

#include "math/scalar.h"
#include "math/schedule.h"

namespace fgan::math {

enum class OptimizerKind : std::uint8_t { adam, sgd, rmsprop };

struct OptimizerSpec {
  OptimizerKind kind = OptimizerKind::adam;
  Schedule schedule{};                // rate at update number `updates`
  double beta1 = 0.5, beta2 = 0.999;  // adam
  double rms_decay = 0.99;            // rmsprop
  double epsilon = 1e-8;              // adam, rmsprop
  double momentum = 0;                // sgd, rmsprop
  double average_decay = 0;           // EMA of the weights: a = d a + (1 - d) w after each update; 0: none
  double clip = 0;                    // a gradient of larger norm is scaled down to it; 0: none is
  bool ascend = false;                // true: w += ...
};

// What a recording counts by itself, i64 each in device memory: updates done; updates left out because the gradient was not finite;
// updates done with a gradient that was clipped; updates left out since the last one that was done.
enum class OptimizerCounter : int { updates, skipped, clipped, skipped_in_a_row, count };

// What becomes of a gradient with this sum of squares: it is multiplied by scale, or nothing is done with it because the sum of squares
// that is left does not fit in f32 (nor does what is not a number).
struct Clipping {
  double scale;
  bool clipped, skip;
};

FGAN_HD inline Clipping clipping(const OptimizerSpec& spec, double squares) {
  const double norm = std::sqrt(squares);
  const bool clipped = spec.clip > 0 && norm > spec.clip;
  const double scale = clipped ? spec.clip / norm : 1;
  return {scale, clipped, !(squares * scale * scale <= kLargest)};
}

FGAN_HD inline void count_update(const Clipping& clipping, std::int64_t* counters) {
  if (clipping.skip) {
    ++counters[static_cast<int>(OptimizerCounter::skipped)];
    ++counters[static_cast<int>(OptimizerCounter::skipped_in_a_row)];
  } else {
    ++counters[static_cast<int>(OptimizerCounter::updates)];
    counters[static_cast<int>(OptimizerCounter::clipped)] += clipping.clipped ? 1 : 0;
    counters[static_cast<int>(OptimizerCounter::skipped_in_a_row)] = 0;
  }
}

FGAN_HD constexpr bool keeps_second(OptimizerKind kind) { return kind != OptimizerKind::sgd; }

// What all weights share in one update, computed in double and rounded once.
template <class S>
struct UpdateConstants {
  S rate;                      // adam: over 1 - beta1^t
  S keep_first, take_first;    // take is of adam
  S keep_second, take_second;  // of g^2
  S unbias, epsilon;           // root = sqrt(second) / unbias + epsilon
};

template <class S>
FGAN_HD UpdateConstants<S> update_constants(const OptimizerSpec& spec, std::int64_t updates) {
  const bool adam = spec.kind == OptimizerKind::adam;
  const double rate = rate_at(spec.schedule, updates) * (spec.ascend ? -1 : 1), t = static_cast<double>(updates + 1);
  const double keep1 = adam ? spec.beta1 : spec.momentum, take1 = adam ? 1 - spec.beta1 : 1;
  const double keep2 = adam ? spec.beta2 : spec.rms_decay;
  const double unbias1 = adam ? 1 - std::pow(spec.beta1, t) : 1, unbias2 = adam ? std::sqrt(1 - std::pow(spec.beta2, t)) : 1;
  return {S(rate / unbias1), S(keep1), S(take1), S(keep2), S(1 - keep2), S(unbias2), S(spec.epsilon)};
}

// The change that w -= change takes.  `second` is left alone by sgd.
template <OptimizerKind kKind, class S>
FGAN_HD S update(const UpdateConstants<S>& c, S g, S& first, [[maybe_unused]] S& second) {
  using std::sqrt;
  if constexpr (keeps_second(kKind)) second = c.keep_second * second + c.take_second * (g * g);
  if constexpr (kKind == OptimizerKind::adam) {
    first = c.keep_first * first + c.take_first * g;
    return c.rate * (first / (sqrt(second) / c.unbias + c.epsilon));
  } else if constexpr (kKind == OptimizerKind::rmsprop) {
    first = c.keep_first * first + g / (sqrt(second) + c.epsilon);
    return c.rate * first;
  } else {
    first = c.keep_first * first + g;
    return c.rate * first;
  }
}

}  // namespace fgan::math
