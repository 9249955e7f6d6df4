// Virtual batch normalisation of rows that are no reference: each by its own moments joined with the reference's (device/ops.h has the
// formula).  A row is one thread's work from end to end, so nothing depends on the team.
#pragma once

#include "device/cpu/memory.h"
#include "device/cpu/parallel.h"
#include "device/ops.h"
#include "math/bf16.h"

namespace fgan {

// Rows one after another with what they are normalised by.
struct VirtualRows {
  std::int64_t rows, pixels, channels;  // of one row: h w
  double reference_rows;                // n
  const float* reference;               // mean and variance, [2, channels]
  float* own;                           // the same of each row, [rows, 2, channels]

  std::int64_t row_elements() const { return pixels * channels; }
};

// The rows of group g > 0; moments as normalize has them.
VirtualRows virtual_rows(Groups groups, std::size_t g, const Shape& x, float* moments);

// Measures own and writes y.  T: float or math::Bf16.
template <class T>
void normalize_virtual(const Team&, Memory& scratch, const NormSpec&, const VirtualRows&, const T* x, const float* gain, const float* bias,
                       T* y);

// dx may be null.  Adds to totals[2, channels] the sums of d and d z over all rows (d = dy * slope(y), z = (x - mean) / sd), and to
// pull[2, channels] what these rows add to the same two sums of the reference group: normalize_grad.cpp.
template <class T>
void normalize_virtual_grad(const Team&, Memory& scratch, const NormSpec&, const VirtualRows&, const T* x, const T* y, const T* dy,
                            const float* gain, T* dx, double* totals, double* pull);

}  // namespace fgan
