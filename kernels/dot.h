// Dense layers with one output, as the head of a critic: as products of matrices they would leave most of a GPU idle, and in bf16 want
// their gradient rounded.  Each is one launch and bound by its bytes.  x: [rows, width], weight: [width], y, dy: [rows].  x, weight and dx
// are of one type; where whole packs of 16 bytes make up the width they begin at multiples of 16 bytes.  Sums in f32, in an order fixed by
// the shape.
#pragma once

#include <cstdint>

#include "kernels/array.h"
#include "kernels/stream.h"
#include "math/activation.h"

namespace fgan::kernels {

// y[row] = activation(sum of x[row, i] weight[i] over i, + bias[0]); bias may be null.
void dot_rows(Stream, const math::ActivationSpec&, std::int64_t rows, std::int64_t width, Array x, Array weight, const float* bias,
              Array y);

// dx[row, i] = dy[row] weight[i].
void outer(Stream, std::int64_t rows, std::int64_t width, Array dy, Array weight, Array dx);

// dweight[i] = sum of dy[row] x[row, i] over rows.  arrivals: see last_block.cuh.
std::size_t weighted_rows_scratch(std::int64_t width);
void weighted_rows(Stream, std::int64_t rows, std::int64_t width, Array x, Array dy, float* dweight, Scratch, unsigned* arrivals);

}  // namespace fgan::kernels
