// Matrix products in the domain of the transforms: c[block][row][16] = sum over k of a(row, k) b[block][k][16].
// A register tile is up to kMostRows rows by two vectors.  A step k loads b's two and broadcasts one number of a for each row: 16 loads for
// 28 multiply-adds with 14 x 32 numbers in registers (AVX-512), 8 for 12 with 6 x 16 (AVX2).  b stays in the first-level cache over all
// rows: kDepth steps of a panel are 32 or 16 KiB.  a is read from the second level once a panel. Sums are over kDepth steps each, which are
// added in order: shorter chains of roundings, in an order that the shape fixes. Compiled more than once, for different processors: so
// nothing here may be visible to the linker.
#pragma once

#include "device/cpu/winograd/kernels.h"
#include "device/cpu/winograd/vector.h"

namespace fgan::winograd {
namespace {

constexpr std::int64_t kDepth = 256;
constexpr int kVectorsOfBlock = static_cast<int>(kBlock) / Vec::kLanes;
constexpr int kPanel = 2 / kVectorsOfBlock;                      // blocks of a register tile
constexpr int kMostRows = (Vec::kRegisters - 3) / 2 / 2 * 2;     // 14 or 6; the others hold b and what is broadcast
constexpr int kMostRowsOfBlock = Vec::kRegisters == 32 ? 8 : 6;  // the 16 rows of a block are shared evenly: 8 8 or 6 5 5

// Where a(row, k) lies: channels of 16 side by side are either the steps or the rows.
struct StepsSideBySide {
  static constexpr int kRow = kBlock, kStep = 1;
};
struct RowsSideBySide {
  static constexpr int kRow = 1, kStep = kBlock;
};

// One step for all rows of a register tile.
template <class Order, int kRows, int kVectors>
FGAN_INLINE void step(const float* a, const float* b, std::int64_t b_block, Vec (&sums)[kRows][kVectors]) {
  Vec of_b[kVectors];
  unrolled<kVectors>([&](auto v) __attribute__((always_inline)) {
    of_b[v.value] = Vec::load(b + v.value / kVectorsOfBlock * b_block + v.value % kVectorsOfBlock * Vec::kLanes);
    of_b[v.value].pin();
  });
  unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
    Vec of_a = Vec::broadcast(a + r.value * Order::kRow);
    of_a.pin();
    unrolled<kVectors>([&](auto v)
                           __attribute__((always_inline)) { sums[r.value][v.value] = fma(of_a, of_b[v.value], sums[r.value][v.value]); });
  });
}

struct Panel {
  const float* a;
  std::int64_t a_next;  // from 16 steps to the next 16
  const float* b;
  std::int64_t b_block, steps;
  float* c;
  std::int64_t c_block;
  bool add;
};

template <class Order, int kBlocks, int kRows>
void register_tile(const Panel& p) {
  constexpr int kVectors = kBlocks * kVectorsOfBlock;
  Vec sums[kRows][kVectors];
  unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
    unrolled<kVectors>([&](auto v) __attribute__((always_inline)) { sums[r.value][v.value] = Vec::zero(); });
  });
  const float *a = p.a, *b = p.b;
  std::int64_t left = p.steps;
  for (; left >= kBlock; left -= kBlock, a += p.a_next)
    for (const float* end = b + kBlock * kBlock; b != end; b += 4 * kBlock, a += 4 * Order::kStep)
      unrolled<4>([&](auto k)
                      __attribute__((always_inline)) { step<Order>(a + k.value * Order::kStep, b + k.value * kBlock, p.b_block, sums); });
  for (; left > 0; --left, a += Order::kStep, b += kBlock) step<Order>(a, b, p.b_block, sums);
  unrolled<kRows>([&](auto r) __attribute__((always_inline)) {
    unrolled<kVectors>([&](auto v) __attribute__((always_inline)) {
      float* to = p.c + v.value / kVectorsOfBlock * p.c_block + r.value * kBlock + v.value % kVectorsOfBlock * Vec::kLanes;
      Vec sum = sums[r.value][v.value];
      if (p.add) sum = sum + Vec::load(to);
      sum.store(to);
    });
  });
}

using RegisterTile = void (*)(const Panel&);

// register_tile for so many rows, 1 .. 14
template <class Order, int kBlocks, int... kLess>
RegisterTile of_rows(std::int64_t rows, std::integer_sequence<int, kLess...>) {
  static constexpr RegisterTile kTiles[]{register_tile<Order, kBlocks, kLess + 1>...};
  return kTiles[rows - 1];
}

template <class Order, int kMost>
RegisterTile tile_of(std::int64_t blocks, std::int64_t rows) {
  using Less = std::make_integer_sequence<int, kMost>;
  if constexpr (kPanel > 1)
    if (blocks > 1) return of_rows<Order, kPanel>(rows, Less{});
  return of_rows<Order, 1>(rows, Less{});
}

// f(first row, rows): `rows` in the fewest parts of at most kMost, as even as they can be.
template <int kMost, class F>
FGAN_INLINE void each_part(std::int64_t rows, const F& f) {
  const std::int64_t parts = (rows + kMost - 1) / kMost;
  for (std::int64_t i = 0, first = 0; i < parts; ++i) {
    const std::int64_t end = rows * (i + 1) / parts;
    f(first, end - first);
    first = end;
  }
}

// f(panel's first block, its blocks, first step, steps)
template <class F>
FGAN_INLINE void each_panel(std::int64_t depth, std::int64_t blocks, const F& f) {
  for (std::int64_t k = 0; k < depth; k += kDepth)
    for (std::int64_t b = 0; b < blocks; b += kPanel)
      f(b, blocks - b < kPanel ? blocks - b : kPanel, k, depth - k < kDepth ? depth - k : kDepth);
}

inline void product(const float* a, std::int64_t a_block, const float* b, std::int64_t b_block, std::int64_t rows, std::int64_t depth,
                    std::int64_t blocks, float* c, std::int64_t c_block) {
  each_panel(depth, blocks, [&](std::int64_t first, std::int64_t count, std::int64_t k, std::int64_t steps) {
    each_part<kMostRows>(rows, [&](std::int64_t row, std::int64_t part) {
      const Panel panel{a + k / kBlock * a_block + row * kBlock,
                        a_block - kBlock,
                        b + first * b_block + k * kBlock,
                        b_block,
                        steps,
                        c + first * c_block + row * kBlock,
                        c_block,
                        k > 0};
      tile_of<StepsSideBySide, kMostRows>(count, part)(panel);
    });
  });
}

inline void product_transposed(const float* a, std::int64_t a_block, const float* b, std::int64_t b_block, std::int64_t rows,
                               std::int64_t depth, std::int64_t blocks, bool add, float* c, std::int64_t c_block) {
  each_panel(depth, blocks, [&](std::int64_t first, std::int64_t count, std::int64_t k, std::int64_t steps) {
    for (std::int64_t block = 0; block * kBlock < rows; ++block) {
      const std::int64_t here = rows - block * kBlock < kBlock ? rows - block * kBlock : kBlock;
      each_part<kMostRowsOfBlock>(here, [&](std::int64_t row, std::int64_t part) {
        const Panel panel{a + block * a_block + k * kBlock + row,
                          0,
                          b + first * b_block + k * kBlock,
                          b_block,
                          steps,
                          c + first * c_block + (block * kBlock + row) * kBlock,
                          c_block,
                          add || k > 0};
        tile_of<RowsSideBySide, kMostRowsOfBlock>(count, part)(panel);
      });
    }
  });
}

}  // namespace
}  // namespace fgan::winograd
