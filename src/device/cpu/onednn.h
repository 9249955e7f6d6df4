// The only door to oneDNN.  Its plans are primitives; matrices may have strides.  Where a primitive prefers another order for the filter
// (it was asked for its favourite), the plan reorders into or out of the scratch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "device/cpu/memory.h"
#include "device/cpu/parallel.h"
#include "device/cpu/plan.h"
#include "device/ops.h"

namespace fgan {

class OneDnn {
 public:
  OneDnn(const Team& team, Memory& scratch);
  ~OneDnn();

  static std::string version();  // "2.6.3"
  static std::string isa();      // what oneDNN uses of this processor: "avx2", "avx512_core_amx"

  struct State;

  // Element (i, j) lies at i * row_stride + j * column_stride.
  struct Matrix {
    std::int64_t rows, columns, row_stride, column_stride;
    Matrix transposed() const { return {columns, rows, column_stride, row_stride}; }
  };
  static Matrix row_major(std::int64_t rows, std::int64_t columns) { return {rows, columns, columns, 1}; }

  std::unique_ptr<Plan> convolution(const ConvSpec& spec, ConvPass pass, const Shape& x, const Shape& filter, const Shape& y);
  std::unique_ptr<Plan> product(const Matrix& a, const Matrix& b, const Matrix& c);  // c = a b

 private:
  std::unique_ptr<State> state_;
};

}  // namespace fgan
