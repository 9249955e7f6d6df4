// Products of row-major matrices by cuBLASLt.  It repeats to the bit on one stream, GPU and version; a sum shared among blocks is added
// in f32 in its workspace, never in place in the result's type.
#pragma once

#include <cstdint>
#include <deque>

#include "device/cuda/memory.h"
#include "device/device.h"

namespace fgan::cuda {

// c[rows, columns] = a b (+ bias[column], f32), sums over `inner` in f32.  A transposed operand lies in memory the other way round.
struct Product {
  std::int64_t rows, columns, inner;
  bool transpose_a = false, transpose_b = false;
  DType operands = DType::f32, result = DType::f32;
  bool bias = false;
  bool operator==(const Product&) const = default;
};

class Products {
 public:
  Products(const Api&, cudaStream_t, ComputeType);

  // Before recording: asks cuBLASLt once how this product is best computed.  Throws Error(device) when it cannot.
  void prepare(const Product&);
  static constexpr std::size_t kWorkspace = std::size_t{32} << 20;
  // An op of its own: workspace has kWorkspace bytes.  Throws when not prepared.
  void run(const Product&, const void* a, const void* b, const float* bias, void* c, void* workspace);

 private:
  using Layout = Owned<cublasLtMatrixLayout_t, cublasStatus_t>;
  struct Plan {
    Product product;
    Owned<cublasLtMatmulDesc_t, cublasStatus_t> description;
    Layout left, right, result;  // as cuBLASLt sees them: columns first, so the result's transpose is computed, with b on the left
    cublasLtMatmulAlgo_t algorithm{};
  };

  Plan* find(const Product&);
  Plan describe(const Product&) const;
  Layout layout(DType, std::int64_t rows, std::int64_t columns) const;
  void choose_algorithm(Plan&) const;

  const Api& api_;
  cudaStream_t stream_;
  ComputeType compute_;
  Owned<cublasLtHandle_t, cublasStatus_t> handle_;
  std::deque<Plan> plans_;
};

}  // namespace fgan::cuda
