// Sums down the columns of a matrix, rows x columns, columns fastest, in f32 and in an order that the shape alone fixes.
//   Columns are cut into tiles of at most 32, rows into chunks: a block for each pair.  Of its threads a line of `tile` takes one row of
//   the tile, `lines` such lines take the rows in turn; so a warp reads 32 neighbours, and a narrow matrix is read without gaps.
//   Then the lines are added pairwise in shared memory: sums[chunk, column].  The few chunks are added by the same code as one chunk.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/each.cuh"

namespace fgan::kernels {

struct ColumnPlan {
  std::int64_t rows, columns, chunk_rows;
  unsigned tile, lines, tiles, chunks;
};

inline ColumnPlan plan_one_chunk(std::int64_t rows, std::int64_t columns) {
  const std::int64_t tiles = (columns + 31) / 32, tile = (columns + tiles - 1) / tiles;
  return {rows, columns, rows, static_cast<unsigned>(tile), kBlockThreads / static_cast<unsigned>(tile), static_cast<unsigned>(tiles), 1};
}

// Chunks of at least 16 rows for each thread, at most so many that about 1024 blocks, a GPU full, share the work.
inline ColumnPlan plan_columns(std::int64_t rows, std::int64_t columns) {
  ColumnPlan plan = plan_one_chunk(rows, columns);
  const std::int64_t most = std::max(1u, 1024 / plan.tiles), full = std::max<std::int64_t>(1, rows / (16 * plan.lines));
  plan.chunk_rows = (rows + std::min(most, full) - 1) / std::min(most, full);
  plan.chunks = static_cast<unsigned>((rows + plan.chunk_rows - 1) / plan.chunk_rows);
  return plan;
}

inline std::size_t column_sums_bytes(std::int64_t rows, std::int64_t columns) {
  return plan_columns(rows, columns).chunks * static_cast<std::size_t>(columns) * sizeof(float);
}

inline Grid grid_of(const ColumnPlan& plan) {
  Grid grid;
  grid.blocks_x = plan.tiles;
  grid.blocks_y = plan.chunks;
  grid.threads_x = kBlockThreads;
  return grid;
}

// term(i): the number at place i of the matrix; called once for each i.
template <class F>
__device__ void column_sums(const ColumnPlan& plan, float* sums, const F& term) {
  __shared__ float line_sums[kBlockThreads];
  const unsigned line = threadIdx.x / plan.tile;
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.x) * plan.tile + threadIdx.x % plan.tile;
  const std::int64_t first = blockIdx.y * plan.chunk_rows;
  const std::int64_t end = first + plan.chunk_rows < plan.rows ? first + plan.chunk_rows : plan.rows;
  float sum = 0;
  if (line < plan.lines && column < plan.columns)
    for (std::int64_t row = first + line; row < end; row += plan.lines) sum += term(row * plan.columns + column);
  line_sums[threadIdx.x] = sum;
  __syncthreads();
  for (unsigned lines = plan.lines; lines > 1;) {
    const unsigned kept = (lines + 1) / 2;
    if (line < lines - kept) line_sums[threadIdx.x] += line_sums[threadIdx.x + kept * plan.tile];
    lines = kept;
    __syncthreads();
  }
  if (line == 0 && column < plan.columns) sums[blockIdx.y * plan.columns + column] = line_sums[threadIdx.x];
}

}  // namespace fgan::kernels
