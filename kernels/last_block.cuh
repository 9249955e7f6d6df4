// One launch instead of two: what has to wait for all blocks of a grid is done by the one that ends last.  Which one that is must not show
// in the result: it adds up what the others left in an order of its own.
#pragma once

#include "kernels/launch.h"

namespace fgan::kernels {

// Whether this block is the last of its grid to come here; it then sees what the others wrote to device memory before they came, if it has
// not read it earlier.  Every thread must call it, once in a kernel.  arrivals: 0 before the launch, and after it again.
__device__ inline bool last_block(unsigned* arrivals) {
  __shared__ bool last;
  __syncthreads();  // harmless to remove: under the shim, whose blocks run one after another
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    __threadfence();  // the block's writes come before its arrival ...
    last = atomicAdd(static_cast<unsigned*>(arrivals), 1u) == gridDim.x * gridDim.y - 1;
    if (last) *arrivals = 0;
    __threadfence();  // ... and all arrivals before what the last block reads
  }
  __syncthreads();
  return last;
}

}  // namespace fgan::kernels
