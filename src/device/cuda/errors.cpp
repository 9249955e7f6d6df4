#include "device/cuda/errors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"

namespace fgan::cuda {
namespace {

// After these every further call of the process fails too.
constexpr std::array kSticky{cudaErrorIllegalAddress,     cudaErrorLaunchTimeout,     cudaErrorAssert,    cudaErrorHardwareStackError,
                             cudaErrorIllegalInstruction, cudaErrorMisalignedAddress, cudaErrorInvalidPc, cudaErrorInvalidAddressSpace,
                             cudaErrorLaunchFailure,      cudaErrorECCUncorrectable};

[[noreturn]] void refuse(const char* call, std::string_view reason, const SourcePlace& place, bool sticky) {
  const std::string_view path = place.file, file = path.substr(path.rfind('/') + 1);
  fail(Exit::device, "{} failed: {} ({}:{}){}", call, reason, file, place.line,
       sticky ? "; this process cannot use the GPU any more: start the program again, it continues from its last checkpoint" : "");
}

}  // namespace

void check(const Api& api, cudaError_t error, const char* call, SourcePlace place) {
  if (error == cudaSuccess) return;
  api.cudaGetLastError();  // forgets it: what comes next is judged by itself
  refuse(call, api.cudaGetErrorString(error), place, std::find(kSticky.begin(), kSticky.end(), error) != kSticky.end());
}

void check(const Api& api, cublasStatus_t status, const char* call, SourcePlace place) {
  if (status != CUBLAS_STATUS_SUCCESS) refuse(call, api.cublasLtGetStatusString(status), place, false);
}

void check(const Api& api, cudnnStatus_t status, const char* call, SourcePlace place) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  std::array<char, 512> more{};
  api.cudnnGetLastErrorString(more.data(), more.size() - 1);
  const std::string_view text = api.cudnnGetErrorString(status), detail = more.data();
  refuse(call, detail.empty() ? std::string(text) : format("{}: {}", text, detail), place, false);
}

}  // namespace fgan::cuda
