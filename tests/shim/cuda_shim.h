// The words of CUDA that kernels/ may use, for a host compiler: kernels/launch.h includes this under FGAN_SHIM.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "shim/shim.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))

namespace fgan::shim {

struct Index {
  unsigned x = 0, y = 0;
};

// Where in its file a thread waits.
struct Site {
  const char* file;
  int line;
};

void wait_for_block(Site);
// Gives `bits` to the lanes of the own warp and returns what all 32 gave.
const std::uint64_t* exchange(std::uint64_t bits, unsigned mask, Site);
unsigned lane();

template <class T>
T shuffle(T value, unsigned mask, unsigned source, Site site) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8), "CUDA shuffles words of 4 and 8 bytes");
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(bits, mask, site)[source];
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace fgan::shim

inline thread_local fgan::shim::Index threadIdx, blockIdx, blockDim, gridDim;

inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { fgan::shim::wait_for_block({file, line}); }

// A lane whose source is outside of the warp keeps its value.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return fgan::shim::shuffle(value, mask, static_cast<unsigned>(source) % 32, {file, line});
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const unsigned lane = fgan::shim::lane();
  return fgan::shim::shuffle(value, mask, lane + delta < 32 ? lane + delta : lane, {file, line});
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return fgan::shim::shuffle(value, mask, (fgan::shim::lane() ^ static_cast<unsigned>(bits)) % 32, {file, line});
}

// Blocks run one after another, so that each sees what those before it wrote.
inline void __threadfence() {}

template <class T>
T atomicAdd(T* address, T value) {
  static_assert(std::is_integral_v<T>, "sums of floating-point numbers would have no order");
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}

template <class T>
T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
T max(T a, T b) {
  return a < b ? b : a;
}
