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
  static bool has_amx();
  static bool computes_in_bf16();  // by instructions of the processor (avx512_bf16 or AMX)

  struct State;

  // Element (i, j) lies at i * row_stride + j * column_stride.
  struct Matrix {
    std::int64_t rows, columns, row_stride, column_stride;
    DType dtype;
    Matrix transposed() const { return {columns, rows, column_stride, row_stride, dtype}; }
    Matrix first(std::int64_t count) const { return {rows, count, row_stride, column_stride, dtype}; }  // so many columns
  };
  static Matrix row_major(std::int64_t rows, std::int64_t columns, DType dtype = DType::f32) { return {rows, columns, columns, 1, dtype}; }

  // dtype: f32 or bf16, of all operands but the gradient of a filter, which is f32.
  std::unique_ptr<Plan> convolution(const ConvSpec& spec, ConvPass pass, const Shape& x, const Shape& filter, const Shape& y, DType dtype);
  enum class Result : std::uint8_t { overwritten, added };
  // c = a b, or c += a b; a and b of one type
  std::unique_ptr<Plan> product(const Matrix& a, const Matrix& b, const Matrix& c, Result = Result::overwritten);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace fgan
