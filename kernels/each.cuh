// Loops over elements: neighbouring threads take neighbouring elements, and a grid of any size covers them all.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/launch.h"

namespace fgan::kernels {

constexpr unsigned kBlockThreads = 256;

// Never more blocks than fill 132 multiprocessors of 2048 threads twice; what is left is done by each thread's loop.
inline Grid grid_over(std::int64_t count) {
  constexpr std::int64_t kMostBlocks = 2112;
  Grid grid;
  grid.blocks_x = static_cast<unsigned>(std::clamp<std::int64_t>((count + kBlockThreads - 1) / kBlockThreads, 1, kMostBlocks));
  grid.threads_x = kBlockThreads;
  return grid;
}

// f(i) for each 0 <= i < count.
template <class F>
__device__ void each(std::int64_t count, const F& f) {
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) f(i);
}

// f(row, column) for each element of rows x width, columns fastest: one division for each thread, none for each element.
template <class F>
__device__ void each(std::int64_t rows, std::int64_t width, const F& f) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  const std::int64_t down = stride / width, along = stride % width;
  std::int64_t row = first / width, column = first % width;
  while (row < rows) {
    f(row, column);
    row += down;
    column += along;
    if (column >= width) {
      column -= width;
      ++row;
    }
  }
}

}  // namespace fgan::kernels
