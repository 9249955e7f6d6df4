// A kernel for the tests of the model itself: right, or wrong in one of the ways that the model must notice.
#pragma once

#include "kernels/stream.h"

namespace fgan::samples {

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
  beyond_shared,
};

constexpr int kBlock = 96;

// sums[b] = sum of the kBlock numbers from x[b * kBlock].
void block_sums(kernels::Stream, Fault, int blocks, const float* x, float* sums);

// Launches `kernel` with this shape; every thread adds 1 to *threads.
void count_threads(kernels::Stream, unsigned blocks_x, unsigned blocks_y, unsigned threads_x, unsigned threads_y, std::size_t shared,
                   int* threads);

}  // namespace fgan::samples
