// One update over a flat block: squared norm of the gradient, what that decides, and one pass that writes weights, their bf16 copy,
// moments and average (math/optimizer.h).
#pragma once

#include <cstdint>

#include "kernels/stream.h"
#include "math/bf16.h"
#include "math/optimizer.h"

namespace fgan::kernels {

struct OptimizerArrays {
  std::int64_t count;
  float* weights;
  const float* gradient;
  float *first, *second, *average;  // second null for sgd, average null without
  math::Bf16* rounded;              // null where nothing computes in bf16
};

std::size_t optimizer_scratch(std::int64_t count);
// counters: i64[OptimizerCounter::count].  A gradient that clipping() skips changes only them.
void optimizer_step(Stream, const math::OptimizerSpec&, const OptimizerArrays&, std::int64_t* counters, Scratch);

}  // namespace fgan::kernels
