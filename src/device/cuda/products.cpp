#include "device/cuda/products.h"

#include <algorithm>

#include "base/error.h"

namespace fgan::cuda {
namespace {

cudaDataType_t type_of(DType type) { return type == DType::bf16 ? CUDA_R_16BF : CUDA_R_32F; }

// Rows are views into larger tensors, so an address is aligned as far as the length of a row is.
std::uint32_t alignment(DType type, std::int64_t columns) {
  std::size_t bytes = 16;
  while (static_cast<std::size_t>(columns) * size_of(type) % bytes != 0) bytes /= 2;
  return static_cast<std::uint32_t>(bytes);
}

std::string to_string(const Product& p) {
  return format("matrix product of {} x {} by {} x {}{}{}", p.rows, p.inner, p.inner, p.columns,
                p.operands == DType::bf16 ? " in bf16" : "", p.bias ? " with bias" : "");
}

}  // namespace

Products::Products(const Api& api, cudaStream_t stream, ComputeType compute)
    : api_(api), stream_(stream), compute_(compute), handle_(nullptr, api.cublasLtDestroy) {
  cublasLtHandle_t handle = nullptr;
  FGAN_CALL(api, cublasLtCreate, &handle);
  handle_.reset(handle);
}

Products::Plan* Products::find(const Product& product) {
  const auto found = std::find_if(plans_.begin(), plans_.end(), [&](const Plan& plan) { return plan.product == product; });
  return found == plans_.end() ? nullptr : &*found;
}

void Products::prepare(const Product& product) {
  if (find(product) != nullptr) return;
  Plan plan = describe(product);
  choose_algorithm(plan);
  plans_.push_back(std::move(plan));
}

Products::Layout Products::layout(DType type, std::int64_t rows, std::int64_t columns) const {
  cublasLtMatrixLayout_t layout = nullptr;
  FGAN_CALL(api_, cublasLtMatrixLayoutCreate, &layout, type_of(type), static_cast<std::uint64_t>(columns), static_cast<std::uint64_t>(rows),
            columns);
  return {layout, api_.cublasLtMatrixLayoutDestroy};
}

Products::Plan Products::describe(const Product& p) const {
  cublasLtMatmulDesc_t description = nullptr;
  const bool tf32 = compute_ == ComputeType::tf32 && p.operands == DType::f32;
  FGAN_CALL(api_, cublasLtMatmulDescCreate, &description, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F);
  Owned<cublasLtMatmulDesc_t, cublasStatus_t> owned(description, api_.cublasLtMatmulDescDestroy);
  const auto set = [&](cublasLtMatmulDescAttributes_t attribute, auto value) {
    FGAN_CALL(api_, cublasLtMatmulDescSetAttribute, description, attribute, &value, sizeof value);
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
  if (p.bias) set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
  return {p, std::move(owned), p.transpose_b ? layout(p.operands, p.columns, p.inner) : layout(p.operands, p.inner, p.columns),
          p.transpose_a ? layout(p.operands, p.inner, p.rows) : layout(p.operands, p.rows, p.inner), layout(p.result, p.rows, p.columns)};
}

void Products::choose_algorithm(Plan& plan) const {
  const Product& p = plan.product;
  cublasLtMatmulPreference_t preference = nullptr;
  FGAN_CALL(api_, cublasLtMatmulPreferenceCreate, &preference);
  const Owned<cublasLtMatmulPreference_t, cublasStatus_t> owned(preference, api_.cublasLtMatmulPreferenceDestroy);
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    FGAN_CALL(api_, cublasLtMatmulPreferenceSetAttribute, preference, attribute, &value, sizeof value);
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t{kWorkspace});
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, std::uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE});
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment(p.operands, p.transpose_b ? p.inner : p.columns));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment(p.operands, p.transpose_a ? p.rows : p.inner));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment(p.result, p.columns));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment(p.result, p.columns));
  cublasLtMatmulHeuristicResult_t best{};
  int found = 0;
  const cublasStatus_t status =
      api_.cublasLtMatmulAlgoGetHeuristic(handle_.get(), plan.description.get(), plan.left.get(), plan.right.get(), plan.result.get(),
                                          plan.result.get(), preference, 1, &best, &found);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || (status == CUBLAS_STATUS_SUCCESS && (found == 0 || best.state != CUBLAS_STATUS_SUCCESS)))
    fail(Exit::device, "cuBLASLt {} has no algorithm for a {}", library_version(api_.cublasLtGetVersion()), to_string(p));
  check(api_, status, "cublasLtMatmulAlgoGetHeuristic");
  plan.algorithm = best.algo;
}

void Products::run(const Product& product, const void* a, const void* b, const float* bias, void* c, void* workspace) {
  const Plan* plan = find(product);
  FGAN_CHECK(plan != nullptr, "{} was not prepared", to_string(product));
  if (product.bias)
    FGAN_CALL(api_, cublasLtMatmulDescSetAttribute, plan->description.get(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias);
  const float one = 1, zero = 0;
  FGAN_CALL(api_, cublasLtMatmul, handle_.get(), plan->description.get(), &one, b, plan->left.get(), a, plan->right.get(), &zero, c,
            plan->result.get(), c, plan->result.get(), &plan->algorithm, workspace, kWorkspace, stream_);
}

}  // namespace fgan::cuda
