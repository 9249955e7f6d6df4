// The one seam to NVIDIA's libraries: every function of theirs that we call, in tables.  The program fills them from the CUDA runtime it
// is linked with and from libcudnn and libcublasLt as they are found when a GPU is asked for, so that it starts where none of them is;
// tests fill them with a double (tests/double).
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <string>

namespace fgan::cuda {

// The formatter never comes to rest on these.
// clang-format off
#define FGAN_CUDA_RUNTIME(X) \
  X(cudaGetDeviceCount) X(cudaSetDevice) X(cudaGetDeviceProperties) X(cudaEventQuery) X(cudaRuntimeGetVersion) \
  X(cudaDriverGetVersion) X(cudaMemGetInfo) X(cudaMalloc) X(cudaFree) X(cudaMallocHost) X(cudaFreeHost) \
  X(cudaMemcpyAsync) X(cudaMemsetAsync) X(cudaStreamCreateWithFlags) X(cudaStreamDestroy) X(cudaStreamSynchronize) \
  X(cudaStreamBeginCapture) X(cudaStreamEndCapture) X(cudaGraphInstantiate) X(cudaGraphGetNodes) X(cudaGraphLaunch) \
  X(cudaGraphDestroy) X(cudaGraphExecDestroy) X(cudaEventCreateWithFlags) X(cudaEventRecord) X(cudaEventSynchronize) \
  X(cudaEventElapsedTime) X(cudaEventDestroy) X(cudaGetLastError) X(cudaGetErrorString)

#define FGAN_CUDNN(X) \
  X(cudnnGetVersion) X(cudnnGetErrorString) X(cudnnGetLastErrorString) X(cudnnCreate) X(cudnnDestroy) \
  X(cudnnSetStream) X(cudnnBackendCreateDescriptor) X(cudnnBackendDestroyDescriptor) X(cudnnBackendSetAttribute) \
  X(cudnnBackendGetAttribute) X(cudnnBackendFinalize) X(cudnnBackendExecute)

#define FGAN_CUBLASLT(X) \
  X(cublasLtGetVersion) X(cublasLtGetStatusString) X(cublasLtCreate) X(cublasLtDestroy) X(cublasLtMatmulDescCreate) \
  X(cublasLtMatmulDescDestroy) X(cublasLtMatmulDescSetAttribute) X(cublasLtMatrixLayoutCreate) \
  X(cublasLtMatrixLayoutDestroy) X(cublasLtMatmulPreferenceCreate) X(cublasLtMatmulPreferenceDestroy) \
  X(cublasLtMatmulPreferenceSetAttribute) X(cublasLtMatmulAlgoGetHeuristic) X(cublasLtMatmul)
// clang-format on

struct Api {
#define FGAN_MEMBER(name) decltype(&::name) name = nullptr;
  FGAN_CUDA_RUNTIME(FGAN_MEMBER)
  FGAN_CUDNN(FGAN_MEMBER)
  FGAN_CUBLASLT(FGAN_MEMBER)
#undef FGAN_MEMBER
};

// Null and a reason in words (no driver, no device, a library that is not found and where was looked) when no GPU can be used.
const Api* real_api(std::string& reason);

// Why GPU number `gpu` cannot be used by this program, in words; empty when it can.
std::string why_not(const Api&, int gpu = 0);
// Whether this machine seems to have a GPU of NVIDIA, whatever becomes of it.
bool hardware_seems_present();

// As people write them: version numbers of CUDA (13000), and of cuDNN (91900) and cuBLASLt (130100).
std::string runtime_version(int number);
std::string library_version(std::size_t number);

}  // namespace fgan::cuda
