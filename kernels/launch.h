// The one place that launches.  Included by .cu files only; under FGAN_SHIM (tests/shim) the same files are compiled by a host compiler.
#pragma once

#include "kernels/stream.h"

#if defined(FGAN_SHIM)
#include "shim/cuda_shim.h"
#define FGAN_ROLLED
#else
#include <cuda_runtime.h>
#define FGAN_ROLLED _Pragma("unroll 1")  // before a loop: nvcc leaves it as it is
#endif

namespace fgan::kernels {

// Blocks in x and y, threads of a block, bytes of dynamic shared memory.
struct Grid {
  unsigned blocks_x = 1, blocks_y = 1;
  unsigned threads_x = 1, threads_y = 1;
  std::size_t shared = 0;
};

#if defined(FGAN_SHIM)
template <class... P, class... A>
void enqueue(const Work& work, void (*kernel)(P...), const Grid& grid, Stream stream, A... arguments) {
  shim::launch(work.name, {grid.blocks_x, grid.blocks_y, grid.threads_x, grid.threads_y, grid.shared}, stream.cuda,
               [=] { kernel(static_cast<P>(arguments)...); });
}
template <class T>
T* dynamic_shared() {
  return static_cast<T*>(shim::dynamic_shared());
}
#else
template <class... P, class... A>
void enqueue(const Work& work, void (*kernel)(P...), const Grid& grid, Stream stream, A... arguments) {
  const auto with = [&](P... values) {
    void* addresses[] = {static_cast<void*>(&values)...};
    return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), dim3(grid.blocks_x, grid.blocks_y), dim3(grid.threads_x, grid.threads_y),
                            addresses, grid.shared, stream.cuda);
  };
  const cudaError_t error = with(static_cast<P>(arguments)...);
  if (error != cudaSuccess) launch_failed(work.name, cudaGetErrorString(error));
}
template <class T>
__device__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char bytes[];
  return reinterpret_cast<T*>(bytes);
}
#endif

template <class... P, class... A>
void launch(const Work& work, void (*kernel)(P...), const Grid& grid, Stream stream, A... arguments) {
  enqueue(work, kernel, grid, stream, arguments...);
  if (stream.witness != nullptr) stream.witness->launched(work);
}

// Bytes of an array; none of one that is not there.
template <class T>
std::int64_t bytes_of(const T* data, std::int64_t count) {
  return data != nullptr ? count * static_cast<std::int64_t>(sizeof(T)) : 0;
}

}  // namespace fgan::kernels
