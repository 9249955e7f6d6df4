// Normalisation with its activation, and its gradient, for all Statistics (math/normalization.h).  x, y, dy, dx: [n, pixels, channels] of
// one type; gain, bias, moments, dgain, dbias are f32.  Moments are measured about a mean, never as a difference of squares, and every sum
// has an order that depends on the shape and the groups alone.  Groups follow one another from row 0 on.  Scratch, and where whole packs of
// 16 bytes make up the channels x, y, dy and dx too, start at multiples of 16 bytes.
#pragma once

#include <cstdint>

#include "kernels/array.h"
#include "kernels/rows.h"
#include "kernels/stream.h"
#include "math/normalization.h"

namespace fgan::kernels {

struct NormShape {
  std::int64_t rows, pixels, channels;  // pixels: of one row
};

// Enough for both directions, whatever the statistics and groups of these rows are.
std::size_t normalize_scratch(const NormShape&);

// moments: [sets, 2, channels], written or read as Ops::normalize says; null for none.  y may be x only for given and none.
void normalize(Stream, const math::NormSpec&, const RowGroups&, const NormShape&, Array x, const float* gain, const float* bias, Array y,
               float* moments, Scratch);

// dgain and dbias may be null together; dx may be null, or dy.  Not for given.
void normalize_grad(Stream, const math::NormSpec&, const RowGroups&, const NormShape&, Array x, Array y, Array dy, const float* gain,
                    const float* moments, Array dx, float* dgain, float* dbias, Scratch);

}  // namespace fgan::kernels
