// A kernel for the tests of the model itself: right, or wrong in one of the ways that the model must notice.
#pragma once

#include "kernels/stream.h"

namespace fgan::kernels::samples {

enum class Fault {
  none,
  missing_barrier,    // shared memory is read before the others have written it
  barrier_in_branch,  // half of the block goes past the barrier
  two_barriers,       // each half of the block waits at a barrier of its own
  barrier_in_warp,    // half of each warp waits at the barrier, half at the shuffle
  shuffle_in_branch,  // one lane leaves before the shuffle
  two_shuffles,       // two halves of a warp, each at a shuffle of its own
  partial_mask,
  uninitialised_shared,
  uninitialised_static,  // the same of a __shared__ array
  beyond_shared,         // one number too many
  beyond_array,          // a thread of the last block writes behind sums
};

constexpr int kBlock = 96;

// sums[b] = sum of the kBlock numbers from x[b * kBlock].
void block_sums(Stream, Fault, int blocks, const float* x, float* sums);

// Launches `kernel` with this shape; every thread adds 1 to *threads.
void count_threads(Stream, unsigned blocks_x, unsigned blocks_y, unsigned threads_x, unsigned threads_y, std::size_t shared, int* threads);

// For a thread of a kernel: blockIdx.x.
unsigned this_block();

}  // namespace fgan::kernels::samples
