// Convolutions as products of matrices.  columns[pixel of y, k k c] holds the window of x that the pixel of y sees:
//   y = columns(x) filter',   dfilter = dy' columns(x),   dx = the sum, for each of its pixels, of its places in columns = dy filter.
// Columns are as large as y's pixels times the filter, so they are made for as many images at a time as fit in kColumnBytes.
#pragma once

#include <memory>

#include "device/cpu/memory.h"
#include "device/cpu/onednn.h"

namespace fgan {

// Whether a convolution that is no dense layer is faster so than by oneDNN's convolution.  By shape and instruction set alone.
bool columns_pay(const ConvJob&);

// columns: scratch, shared by all such plans.
std::unique_ptr<Plan> make_columns_plan(const Team&, OneDnn&, Memory& columns, const ConvJob&);

}  // namespace fgan
