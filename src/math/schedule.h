// The learning rate as a pure function of the step, so that a device computes it from its counter and a resumed run agrees.
//   warm-up: rate * (step+1) / warmup_steps, then with t running from 0 to 1 between the end of warm-up and the horizon
//   linear:  from rate to rate * final_fraction;  cosine: the same along half a cosine;  past the horizon the rate stays.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/hd.h"

namespace fgan::math {

enum class ScheduleKind : int { constant, linear, cosine };

struct Schedule {
  ScheduleKind kind = ScheduleKind::constant;
  double rate = 2e-4;
  std::int64_t warmup_steps = 0;
  std::int64_t horizon = 0;   // steps, warm-up included; ignored by constant
  double final_fraction = 0;  // of rate, at the horizon
};

FGAN_HD inline double rate_at(const Schedule& s, std::int64_t step) {
  if (step < s.warmup_steps) return s.rate * static_cast<double>(step + 1) / static_cast<double>(s.warmup_steps);
  if (s.kind == ScheduleKind::constant) return s.rate;
  const std::int64_t done = step - s.warmup_steps, length = s.horizon - s.warmup_steps;
  const double t = done >= length ? 1.0 : static_cast<double>(done) / static_cast<double>(length);
  const double left = s.kind == ScheduleKind::linear ? 1 - t : (1 + std::cos(3.14159265358979323846 * t)) / 2;
  return s.rate * (s.final_fraction + (1 - s.final_fraction) * left);
}

}  // namespace fgan::math
