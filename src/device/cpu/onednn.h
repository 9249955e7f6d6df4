// The only door to oneDNN.  A Plan is one primitive with everything it needs, built once and run on plain memory: activations N,H,W,C,
// filters O,H,W,I, matrices with strides.  Where the primitive prefers another order for the filter (it was asked for its favourite),
// the plan reorders into or out of a scratch that all plans share: plans run one after another.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "device/cpu/parallel.h"
#include "device/ops.h"

namespace fgan {

class OneDnn {
 public:
  explicit OneDnn(const Team& team);
  ~OneDnn();

  static std::string version();  // "2.6.3"
  static std::string isa();      // what oneDNN uses of this processor: "avx2", "avx512_core_amx"
  static bool has_amx();
  static bool computes_in_bf16();  // by instructions of the processor (avx512_bf16 or AMX)

  struct State;

  class Plan {
   public:
    virtual ~Plan() = default;
    // Operands in the order of the op: conv (x, filter, y); grad_input (dy, filter, dx); grad_filter (x, dy, dfilter); product (a, b, c).
    virtual void run(const void* first, const void* second, void* result) = 0;
  };

  // Element (i, j) lies at i * row_stride + j * column_stride.
  struct Matrix {
    std::int64_t rows, columns, row_stride, column_stride;
    DType dtype;
    Matrix transposed() const { return {columns, rows, column_stride, row_stride, dtype}; }
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
