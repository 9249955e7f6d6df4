// Mean and biased variance of every channel in one sweep, never as a difference of raw squares.
//   A block of up to 16 wide rows sums d = x - shift and d d in f32, the shift being the block's own first row.  One sample is never
//   further from the block's mean than sqrt(rows - 1) deviations, so  sum d d - (sum d)^2 / rows  loses at most a factor of 16 (four
//   bits) to cancellation whatever the mean is.  Blocks, chunks and lanes are merged by Chan, Golub and LeVeque's formula in f64.
#pragma once

#include "device/cpu/channels.h"
#include "math/bf16.h"

namespace fgan {

template <class T>  // float or math::Bf16
void channel_moments(const Team& team, const WideRows& rows, const T* x, Memory& scratch, float* mean, float* variance);

}  // namespace fgan
