#include "shim/samples.h"

#include "kernels/launch.h"

namespace fgan::kernels::samples {
namespace {

constexpr unsigned kAll = 0xffffffffu;

template <Fault kFault>
__device__ float warp_sum(float x) {
  const unsigned lane = threadIdx.x % 32;
  if (kFault == Fault::shuffle_in_branch && lane == 7) return x;
  if (kFault == Fault::two_shuffles && lane < 16) return x + __shfl_down_sync(kAll, x, 1);
  for (unsigned step = 16; step > 0; step /= 2) x += __shfl_down_sync(kFault == Fault::partial_mask ? 0xffffu : kAll, x, step);
  return x;
}

template <Fault kFault>
__global__ void block_sums(const float* __restrict__ x, float* __restrict__ sums) {
  __shared__ float fixed[3];
  float* of_warp = kFault == Fault::uninitialised_static ? fixed : dynamic_shared<float>();
  constexpr bool kIncomplete = kFault == Fault::uninitialised_shared || kFault == Fault::uninitialised_static;
  const unsigned thread = threadIdx.x, half = thread / 48;
  if (kFault == Fault::barrier_in_warp && thread % 32 < 16) __syncthreads();
  const float sum = warp_sum<kFault>(x[blockIdx.x * blockDim.x + thread]);
  if (thread % 32 == 0 && !(kIncomplete && thread > 0)) of_warp[thread / 32] = sum;
  if (kFault == Fault::beyond_shared && thread == 0) of_warp[3] = 0;
  if (kFault == Fault::two_barriers && half) __syncthreads();
  else if (kFault != Fault::missing_barrier && !(kFault == Fault::barrier_in_branch && half)) __syncthreads();
  if (thread == 0 || (kFault == Fault::beyond_array && thread == 1)) sums[blockIdx.x + thread] = of_warp[0] + of_warp[1] + of_warp[2];
}

__global__ void add_one(int* threads) { atomicAdd(threads, 1); }

template <Fault kFault>
void launch_block_sums(Stream stream, int blocks, const float* x, float* sums) {
  const Grid grid{static_cast<unsigned>(blocks), 1, kBlock, 1, 3 * sizeof(float)};
  launch({"block_sums"}, block_sums<kFault>, grid, stream, x, sums);
}

}  // namespace

void block_sums(Stream stream, Fault fault, int blocks, const float* x, float* sums) {
  constexpr decltype(&launch_block_sums<Fault::none>) launches[] = {
      launch_block_sums<Fault::none>,
      launch_block_sums<Fault::missing_barrier>,
      launch_block_sums<Fault::barrier_in_branch>,
      launch_block_sums<Fault::two_barriers>,
      launch_block_sums<Fault::barrier_in_warp>,
      launch_block_sums<Fault::shuffle_in_branch>,
      launch_block_sums<Fault::two_shuffles>,
      launch_block_sums<Fault::partial_mask>,
      launch_block_sums<Fault::uninitialised_shared>,
      launch_block_sums<Fault::uninitialised_static>,
      launch_block_sums<Fault::beyond_shared>,
      launch_block_sums<Fault::beyond_array>,
  };
  launches[static_cast<int>(fault)](stream, blocks, x, sums);
}

void count_threads(Stream stream, unsigned blocks_x, unsigned blocks_y, unsigned threads_x, unsigned threads_y, std::size_t shared,
                   int* threads) {
  launch({"add_one"}, add_one, {blocks_x, blocks_y, threads_x, threads_y, shared}, stream, threads);
}

unsigned this_block() { return blockIdx.x; }

}  // namespace fgan::kernels::samples
