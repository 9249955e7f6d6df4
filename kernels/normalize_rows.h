// virtual_batch: the rows that are no reference, each by its own moments joined with the reference's.  Parts of normalize.h.
#pragma once

#include "kernels/normalize.h"

namespace fgan::kernels {

// Blocks along the rows; each of them leaves pieces.
int row_blocks(const RowGroups&, const NormShape&, Type);

// moments: set 0, of the reference, is read; those of each row are written behind it.
void normalize_rows(Stream, const math::NormSpec&, const RowGroups&, const NormShape&, Array x, const float* gain, const float* bias,
                    Array y, float* moments);

// sums, pulls: pieces [row_blocks, 2, channels], the sums of d and d z over rows, and what these rows add to those of the reference
// (math::pull_on_reference).  They may be null together, and dx too.
void normalize_rows_grad(Stream, const math::NormSpec&, const RowGroups&, const NormShape&, Array x, Array y, Array dy, const float* gain,
                         const float* moments, Array dx, float* sums, float* pulls);

}  // namespace fgan::kernels
