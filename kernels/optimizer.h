// One update over a flat block: squared norm of the gradient and what that decides, then one pass that writes weights, their bf16 copy,
// moments and average (math/optimizer.h).
#pragma once

#include <cstdint>

#include "kernels/stream.h"
#include "math/bf16.h"
#include "math/optimizer.h"

namespace fgan::kernels {

// A gradient in f32, of which some slices hold bf16 instead: from the place on where their f32 would begin.  Slices, and all arrays beside
// a gradient, begin at multiples of 16 bytes of f32.
struct Gradient {
  static constexpr int kMostSlices = 16;
  struct Slice {
    std::int64_t first, end;
  };
  float* data;
  Slice rounded[kMostSlices] = {};  // in any order; the rest is empty
};

struct OptimizerArrays {
  std::int64_t count;
  float* weights;
  Gradient gradient;
  float *first, *second, *average;  // second null for sgd, average null without
  math::Bf16* rounded;              // null where nothing computes in bf16
};

std::size_t optimizer_scratch(std::int64_t count);
// counters: i64[OptimizerCounter::count].  A gradient that clipping() skips changes only them.  arrivals: see last_block.cuh.
void optimizer_step(Stream, const math::OptimizerSpec&, const OptimizerArrays&, std::int64_t* counters, Scratch, unsigned* arrivals);

}  // namespace fgan::kernels
