// cuBLASLt: products as their descriptors say, in double, through the column-major strides of the layouts.
#include <cstring>

#include "double/state.h"

namespace fgan::cuda_double {
namespace {

constexpr const char *kHandle = "cuBLASLt handle", *kDescription = "product", *kLayout = "matrix layout", *kPreference = "preference";

struct Handle {};
struct Description {
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cublasOperation_t left = CUBLAS_OP_N, right = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};
struct Layout {
  bool bf16 = false;
  std::int64_t rows = 0, columns = 0, stride = 0;
};
struct Preference {
  std::map<int, std::uint64_t> values;
};

// What an algorithm was chosen for; kept inside of cublasLtMatmulAlgo_t.
struct Choice {
  std::uint64_t workspace;
  std::uint32_t alignment[4];
};
static_assert(sizeof(Choice) <= sizeof(cublasLtMatmulAlgo_t));

template <class F>
cublasStatus_t blas(const char* name, const F& f) {
  return call(name, CUBLAS_STATUS_INTERNAL_ERROR, [&]() -> cublasStatus_t { return f(); });
}

const Layout& layout(const cublasLtMatrixLayoutOpaque_t* handle) { return existing<Layout>(handle, kLayout); }

bool fits(const Description& d, const Layout& a, const Layout& b, const Layout& c) {
  const bool ta = d.left == CUBLAS_OP_T, tb = d.right == CUBLAS_OP_T;
  return (ta ? a.columns : a.rows) == c.rows && (tb ? b.rows : b.columns) == c.columns &&
         (ta ? a.rows : a.columns) == (tb ? b.columns : b.rows);
}

// As NVIDIA's table of supported types has it.
bool supported(const Description& d, const Layout& a, const Layout& b, const Layout& c) {
  if (a.bf16 != b.bf16 || (!a.bf16 && c.bf16)) return false;
  return d.compute == CUBLAS_COMPUTE_32F || (d.compute == CUBLAS_COMPUTE_32F_FAST_TF32 && !a.bf16);
}

std::size_t bytes_of(const Layout& l) { return static_cast<std::size_t>(l.stride * (l.columns - 1) + l.rows) * (l.bf16 ? 2 : 4); }

void multiply(const Description& d, const Layout& a, const Layout& b, const Layout& c, const void* left, const void* right, void* result) {
  check_device_memory(left, bytes_of(a), "the left operand of a product");
  check_device_memory(right, bytes_of(b), "the right operand of a product");
  check_device_memory(result, bytes_of(c), "the result of a product");
  const bool bias = (d.epilogue & CUBLASLT_EPILOGUE_BIAS) != 0;
  if (bias) check_device_memory(d.bias, static_cast<std::size_t>(c.rows) * (c.bf16 ? 2 : 4), "the bias of a product");
  const std::size_t bytes = bytes_of(a) + bytes_of(b) + bytes_of(c) + (bias ? static_cast<std::size_t>(c.rows) * 4 : 0);
  state().library_bytes += static_cast<long>(bytes);
  const std::int64_t inner = d.left == CUBLAS_OP_T ? a.rows : a.columns;
  const std::int64_t down = d.left == CUBLAS_OP_T ? a.stride : 1, along = d.left == CUBLAS_OP_T ? 1 : a.stride;
  const std::int64_t over = d.right == CUBLAS_OP_T ? b.stride : 1, across = d.right == CUBLAS_OP_T ? 1 : b.stride;
  for (std::int64_t j = 0; j < c.columns; ++j)
    for (std::int64_t i = 0; i < c.rows; ++i) {
      double sum = 0;
      for (std::int64_t k = 0; k < inner; ++k) sum += load(left, a.bf16, i * down + k * along) * load(right, b.bf16, k * over + j * across);
      if (bias) sum += load(d.bias, c.bf16, i);
      store(result, c.bf16, i + j * c.stride, sum);
    }
}

cublasStatus_t set_description(cublasLtMatmulDesc_t handle, cublasLtMatmulDescAttributes_t attribute, const void* value,
                               std::size_t bytes) {
  return blas("cublasLtMatmulDescSetAttribute", [&] {
    auto& d = existing<Description>(handle, kDescription);
    const auto take = [&](auto& member) {
      if (bytes != sizeof member) return CUBLAS_STATUS_INVALID_VALUE;
      std::memcpy(&member, value, bytes);
      return CUBLAS_STATUS_SUCCESS;
    };
    switch (attribute) {
      case CUBLASLT_MATMUL_DESC_TRANSA: return take(d.left);
      case CUBLASLT_MATMUL_DESC_TRANSB: return take(d.right);
      case CUBLASLT_MATMUL_DESC_EPILOGUE: return take(d.epilogue);
      case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return take(d.bias);
      default: return CUBLAS_STATUS_NOT_SUPPORTED;
    }
  });
}

cublasStatus_t heuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                         cublasLtMatrixLayout_t, cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t preference, int,
                         cublasLtMatmulHeuristicResult_t* results, int* found) {
  return blas("cublasLtMatmulAlgoGetHeuristic", [&] {
    existing<Handle>(handle, kHandle);
    const auto& what = existing<Description>(description, kDescription);
    if (!fits(what, layout(a), layout(b), layout(d))) return CUBLAS_STATUS_INVALID_VALUE;
    *found = 0;
    if (!supported(what, layout(a), layout(b), layout(d))) return CUBLAS_STATUS_NOT_SUPPORTED;
    const auto& values = existing<Preference>(preference, kPreference).values;
    const auto value = [&](int key) { return values.contains(key) ? values.at(key) : 256; };
    const std::uint64_t workspace = std::min<std::uint64_t>(value(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES), std::uint64_t{1} << 20);
    const Choice choice{workspace,
                        {static_cast<std::uint32_t>(value(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES)),
                         static_cast<std::uint32_t>(value(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES)),
                         static_cast<std::uint32_t>(value(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES)),
                         static_cast<std::uint32_t>(value(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES))}};
    *results = {};
    std::memcpy(&results->algo, &choice, sizeof choice);
    results->workspaceSize = workspace;
    results->state = CUBLAS_STATUS_SUCCESS;
    *found = 1;
    return CUBLAS_STATUS_SUCCESS;
  });
}

cublasStatus_t matmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description, const void* alpha, const void* a,
                      cublasLtMatrixLayout_t la, const void* b, cublasLtMatrixLayout_t lb, const void* beta, const void* c,
                      cublasLtMatrixLayout_t, void* d, cublasLtMatrixLayout_t ld, const cublasLtMatmulAlgo_t* algorithm, void* workspace,
                      std::size_t workspace_bytes, cudaStream_t stream) {
  return blas("cublasLtMatmul", [&] {
    existing<Handle>(handle, kHandle);
    const auto what = existing<Description>(description, kDescription);
    Choice choice;
    std::memcpy(&choice, algorithm, sizeof choice);
    const void* addresses[] = {a, b, c, d};
    for (int i = 0; i < 4; ++i)
      if (choice.alignment[i] == 0 || reinterpret_cast<std::uintptr_t>(addresses[i]) % choice.alignment[i] != 0)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (workspace_bytes < choice.workspace || *static_cast<const float*>(alpha) != 1 || *static_cast<const float*>(beta) != 0)
      return CUBLAS_STATUS_INVALID_VALUE;
    enqueue(stream, [=, left = layout(la), right = layout(lb), result = layout(ld)] {
      ++state().launches;
      check_device_memory(workspace, choice.workspace, "the workspace of a product");
      std::memset(workspace, 0xff, choice.workspace);
      multiply(what, left, right, result, a, b, d);
    });
    return CUBLAS_STATUS_SUCCESS;
  });
}

}  // namespace

void fill_cublaslt(cuda::Api& api) {
  api.cublasLtGetVersion = []() -> std::size_t { return 130100; };
  api.cublasLtGetStatusString = [](cublasStatus_t status) {
    return status == CUBLAS_STATUS_INTERNAL_ERROR ? "an internal operation failed" : "the request is not valid";
  };
  api.cublasLtCreate = [](cublasLtHandle_t* handle) {
    return blas("cublasLtCreate",
                [&] { return *handle = reinterpret_cast<cublasLtHandle_t>(make<Handle>(kHandle)), CUBLAS_STATUS_SUCCESS; });
  };
  api.cublasLtDestroy = [](cublasLtHandle_t handle) {
    return blas("cublasLtDestroy", [&] { return destroy<Handle>(handle, kHandle), CUBLAS_STATUS_SUCCESS; });
  };
  api.cublasLtMatmulDescCreate = [](cublasLtMatmulDesc_t* handle, cublasComputeType_t compute, cudaDataType_t) {
    return blas("cublasLtMatmulDescCreate", [&] {
      auto* made = make<Description>(kDescription);
      made->compute = compute;
      *handle = reinterpret_cast<cublasLtMatmulDesc_t>(made);
      return CUBLAS_STATUS_SUCCESS;
    });
  };
  api.cublasLtMatmulDescDestroy = [](cublasLtMatmulDesc_t handle) {
    return blas("cublasLtMatmulDescDestroy", [&] { return destroy<Description>(handle, kDescription), CUBLAS_STATUS_SUCCESS; });
  };
  api.cublasLtMatmulDescSetAttribute = set_description;
  api.cublasLtMatrixLayoutCreate = [](cublasLtMatrixLayout_t* handle, cudaDataType type, std::uint64_t rows, std::uint64_t columns,
                                      std::int64_t stride) {
    return blas("cublasLtMatrixLayoutCreate", [&] {
      if (stride < static_cast<std::int64_t>(rows)) return CUBLAS_STATUS_INVALID_VALUE;
      auto* made = make<Layout>(kLayout);
      *made = {type == CUDA_R_16BF, static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns), stride};
      *handle = reinterpret_cast<cublasLtMatrixLayout_t>(made);
      return CUBLAS_STATUS_SUCCESS;
    });
  };
  api.cublasLtMatrixLayoutDestroy = [](cublasLtMatrixLayout_t handle) {
    return blas("cublasLtMatrixLayoutDestroy", [&] { return destroy<Layout>(handle, kLayout), CUBLAS_STATUS_SUCCESS; });
  };
  api.cublasLtMatmulPreferenceCreate = [](cublasLtMatmulPreference_t* handle) {
    return blas("cublasLtMatmulPreferenceCreate", [&] {
      return *handle = reinterpret_cast<cublasLtMatmulPreference_t>(make<Preference>(kPreference)), CUBLAS_STATUS_SUCCESS;
    });
  };
  api.cublasLtMatmulPreferenceDestroy = [](cublasLtMatmulPreference_t handle) {
    return blas("cublasLtMatmulPreferenceDestroy", [&] { return destroy<Preference>(handle, kPreference), CUBLAS_STATUS_SUCCESS; });
  };
  api.cublasLtMatmulPreferenceSetAttribute = [](cublasLtMatmulPreference_t handle, cublasLtMatmulPreferenceAttributes_t attribute,
                                                const void* value, std::size_t bytes) {
    return blas("cublasLtMatmulPreferenceSetAttribute", [&] {
      std::uint64_t number = 0;
      std::memcpy(&number, value, std::min(bytes, sizeof number));
      existing<Preference>(handle, kPreference).values[attribute] = number;
      return CUBLAS_STATUS_SUCCESS;
    });
  };
  api.cublasLtMatmulAlgoGetHeuristic = heuristic;
  api.cublasLtMatmul = matmul;
}

}  // namespace fgan::cuda_double
