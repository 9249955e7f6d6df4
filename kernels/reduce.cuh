// Sums over the threads of a warp or of a block, in an order that the size of the block alone fixes, so that they repeat to the bit.
//   T: float, double, or a struct of such numbers with operator+ and without constructors or initialisers (it is kept in shared memory).
// Every lane of a warp, and every thread of a block, must call these, and every one gets the sum.
#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/launch.h"

namespace fgan::kernels {

constexpr int kWarp = 32;

template <class T>
__device__ T from_lane_xor(const T& value, int mask) {
  using Word = std::conditional_t<sizeof(T) % 8 == 0, unsigned long long, unsigned>;
  static_assert(std::is_trivial_v<T> && sizeof(T) % sizeof(Word) == 0, "a shuffle moves whole words");
  Word words[sizeof(T) / sizeof(Word)];
  std::memcpy(words, &value, sizeof(T));
  for (Word& word : words) word = __shfl_xor_sync(0xffffffffu, word, mask);
  T moved;
  std::memcpy(&moved, words, sizeof(T));
  return moved;
}

// Pairs of pairs: both sides of a pair add the same two numbers, so all lanes end with the same bits.
template <class T>
__device__ T warp_sum(T value) {
  for (int mask = kWarp / 2; mask > 0; mask /= 2) value = value + from_lane_xor(value, mask);
  return value;
}

// kThreads: of the block, in x and y together; whole warps.  The warps are added one after another.
template <int kThreads, class T>
__device__ T block_sum(const T& value) {
  static_assert(kThreads % kWarp == 0, "a shuffle needs all lanes");
  __shared__ T sums[kThreads / kWarp];
  const T own = warp_sum(value);
  const unsigned thread = threadIdx.y * blockDim.x + threadIdx.x;
  if (thread % kWarp == 0) sums[thread / kWarp] = own;
  __syncthreads();
  T total = sums[0];
  for (int warp = 1; warp < kThreads / kWarp; ++warp) total = total + sums[warp];
  __syncthreads();  // the next call writes sums again
  return total;
}

// Sums within teams of threads `stride` apart: team and lane of thread t are t / stride / members and t % stride.  Pairs of pairs, from
// the far half of a team onto its near half.  kThreads: of the block.  A team that the block cuts short gets no sum.
template <int kThreads, class T>
__device__ T team_sum(T value, int stride, int members) {
  constexpr int kWords = sizeof(T) / sizeof(float);
  static_assert(std::is_trivial_v<T> && sizeof(T) == kWords * sizeof(float), "T is moved in whole words");
  __shared__ float words[kWords][kThreads];  // word by word, so that neighbouring threads meet neighbouring banks
  const int thread = static_cast<int>(threadIdx.y * blockDim.x + threadIdx.x), member = thread / stride % members;
  const auto give = [&] {
    float own[kWords];
    std::memcpy(own, &value, sizeof(T));
    for (int w = 0; w < kWords; ++w) words[w][thread] = own[w];
  };
  const auto take = [&](int from) {
    float theirs[kWords];
    for (int w = 0; w < kWords; ++w) theirs[w] = words[w][from];
    T other;
    std::memcpy(&other, theirs, sizeof(T));
    return other;
  };
  for (int width = members, half = 0; width > 1; width = half) {
    half = (width + 1) / 2;
    if (member >= half && member < width) give();
    __syncthreads();
    const int partner = thread + half * stride;
    if (member < width - half && partner < kThreads) value = value + take(partner);
  }
  if (member == 0) give();
  __syncthreads();
  value = take(thread - member * stride);
  __syncthreads();  // the next call writes words again
  return value;
}

}  // namespace fgan::kernels
