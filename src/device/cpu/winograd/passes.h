// Between pixels or filters and the domain of the transforms: one tile, one block of channels at a time, in registers.
// Compiled more than once, for different processors: so nothing here may be visible to the linker.
#pragma once

#include "device/cpu/winograd/kernels.h"
#include "device/cpu/winograd/vector.h"

namespace fgan::winograd {
namespace {

// out = T in T', for T given as a function from kIn to kOut numbers.  get(i, j) -> Vec and put(i, j, Vec), i and j being Index.
template <int kIn, int kOut, class T, class Get, class Put>
FGAN_INLINE void transform(const T& t, const Get& get, const Put& put) {
  Vec half[kIn][kOut];
  unrolled<kIn>([&](auto i) __attribute__((always_inline)) {
    Vec line[kIn];
    unrolled<kIn>([&](auto j) __attribute__((always_inline)) { line[j.value] = get(i, j); });
    t(line, half[i.value]);
  });
  unrolled<kOut>([&](auto j) __attribute__((always_inline)) {
    Vec line[kIn], result[kOut];
    unrolled<kIn>([&](auto i) __attribute__((always_inline)) { line[i.value] = half[i.value][j.value]; });
    t(line, result);
    unrolled<kOut>([&](auto i) __attribute__((always_inline)) { put(i, j, result[i.value]); });
  });
}

template <class Pointer>
FGAN_INLINE Pointer pixel(Pointer image, std::int64_t height, std::int64_t width, std::int64_t channels, std::int64_t h, std::int64_t w,
                          Pointer outside) {
  return h >= 0 && h < height && w >= 0 && w < width ? image + (h * width + w) * channels : outside;
}

// f(lanes, block) for each block of 16 channels, the last of which may be a part.
template <class Body>
FGAN_INLINE void each_block(Range blocks, std::int64_t channels, const Body& f) {
  for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
    const auto left = static_cast<int>(channels - b * kBlock);
    if (left >= kBlock) f(WholeBlock{}, b);
    else f(PartBlock{left}, b);
  }
}

// Those of `blocks`, which count the channels of all parities, that are of this parity: counted within it.
inline Range of_parity(Range blocks, int parity, std::int64_t each) {
  const std::int64_t begin = blocks.begin - parity * each, end = blocks.end - parity * each;
  return {begin > 0 ? begin : 0, end < each ? end : each};
}

template <class F>
struct Passes {
  static constexpr int kM = F::kOutputs, kN = F::kElements;

  static void input(const Grid& g, const float* x, const float* zeros, std::int64_t tile_row, Range blocks, const Elements& v,
                    std::int64_t tile) {
    for (std::int64_t tile_column = 0; tile_column < g.tiles_w; ++tile_column, ++tile)
      for (int parity = 0; parity < 4; ++parity) {
        const Range mine = of_parity(blocks, parity, g.x_blocks());
        if (mine.count() <= 0) continue;
        const float* from[kN][kN];
        for (int i = 0; i < kN; ++i)
          for (int j = 0; j < kN; ++j)
            from[i][j] =
                pixel(x, g.x_h, g.x_w, g.x_c, 2 * (kM * tile_row + i) + parity / 2 - 1, 2 * (kM * tile_column + j) + parity % 2 - 1, zeros);
        each_block(mine, g.x_c, [&](auto lanes, std::int64_t b) {
          float* to = v.at(parity * g.x_blocks() + b, tile);
          for (int at = 0; at < kBlock; at += Vec::kLanes)
            transform<kN, kN>(
                [](const Vec* d, Vec* e) __attribute__((always_inline)) { F::input(d, e); },
                [&](auto i, auto j) __attribute__((always_inline)) { return lanes.load(from[i.value][j.value] + b * kBlock, at); },
                [&](auto i, auto j, Vec value)
                    __attribute__((always_inline)) { value.store(to + (i.value * kN + j.value) * v.element + at); });
        });
      }
  }

  static void output_grad(const Grid& g, const float* dy, const float* zeros, std::int64_t tile_row, Range blocks, const Elements& y,
                          std::int64_t tile) {
    for (std::int64_t tile_column = 0; tile_column < g.tiles_w; ++tile_column, ++tile) {
      const float* from[kM][kM];
      for (int i = 0; i < kM; ++i)
        for (int j = 0; j < kM; ++j) from[i][j] = pixel(dy, g.y_h, g.y_w, g.y_c, kM * tile_row + i, kM * tile_column + j, zeros);
      each_block(blocks, g.y_c, [&](auto lanes, std::int64_t b) {
        float* to = y.at(b, tile);
        for (int at = 0; at < kBlock; at += Vec::kLanes)
          transform<kM, kN>(
              [](const Vec* d, Vec* e) __attribute__((always_inline)) { F::output_grad(d, e); },
              [&](auto i, auto j) __attribute__((always_inline)) { return lanes.load(from[i.value][j.value] + b * kBlock, at); },
              [&](auto i, auto j, Vec value)
                  __attribute__((always_inline)) { value.store(to + (i.value * kN + j.value) * y.element + at); });
      });
    }
  }

  static void output(const Grid& g, const Elements& product, std::int64_t tile, std::int64_t tile_row, Range blocks, float* y) {
    for (std::int64_t tile_column = 0; tile_column < g.tiles_w; ++tile_column, ++tile) {
      float* to[kM][kM];
      for (int i = 0; i < kM; ++i)
        for (int j = 0; j < kM; ++j) to[i][j] = pixel<float*>(y, g.y_h, g.y_w, g.y_c, kM * tile_row + i, kM * tile_column + j, nullptr);
      each_block(blocks, g.y_c, [&](auto lanes, std::int64_t b) {
        const float* from = product.at(b, tile);
        for (int at = 0; at < kBlock; at += Vec::kLanes)
          transform<kN, kM>(
              [](const Vec* d, Vec* e) __attribute__((always_inline)) { F::output(d, e); },
              [&](auto i, auto j)
                  __attribute__((always_inline)) { return Vec::load(from + (i.value * kN + j.value) * product.element + at); },
              [&](auto i, auto j, Vec value) __attribute__((always_inline)) {
                if (to[i.value][j.value] != nullptr) lanes.store(value, to[i.value][j.value] + b * kBlock, at);
              });
      });
    }
  }

  // A tile's first row and column are the last of its neighbours above and to the left, which have been here before: what they left is
  // added to.
  static void input_grad(const Grid& g, const Elements& product, std::int64_t tile, int parity, Range blocks, const float* zeros,
                         float* dx) {
    const Range mine = of_parity(blocks, parity, g.x_blocks());
    if (mine.count() <= 0) return;
    for (std::int64_t tile_row = 0; tile_row < g.tiles_h; ++tile_row)
      for (std::int64_t tile_column = 0; tile_column < g.tiles_w; ++tile_column, ++tile) {
        float* to[kN][kN];
        const float* before[kN][kN];
        for (int i = 0; i < kN; ++i)
          for (int j = 0; j < kN; ++j) {
            to[i][j] = pixel<float*>(dx, g.x_h, g.x_w, g.x_c, 2 * (kM * tile_row + i) + parity / 2 - 1,
                                     2 * (kM * tile_column + j) + parity % 2 - 1, nullptr);
            const bool visited = (i == 0 && tile_row > 0) || (j == 0 && tile_column > 0);
            before[i][j] = visited && to[i][j] != nullptr ? to[i][j] : zeros;
          }
        each_block(mine, g.x_c, [&](auto lanes, std::int64_t b) {
          const float* from = product.at(parity * g.x_blocks() + b, tile);
          for (int at = 0; at < kBlock; at += Vec::kLanes)
            transform<kN, kN>(
                [](const Vec* d, Vec* e) __attribute__((always_inline)) { F::input_grad(d, e); },
                [&](auto i, auto j)
                    __attribute__((always_inline)) { return Vec::load(from + (i.value * kN + j.value) * product.element + at); },
                [&](auto i, auto j, Vec value) __attribute__((always_inline)) {
                  if (to[i.value][j.value] == nullptr) return;
                  if constexpr (i.value == 0 || j.value == 0) value = value + lanes.load(before[i.value][j.value] + b * kBlock, at);
                  lanes.store(value, to[i.value][j.value] + b * kBlock, at);
                });
        });
      }
  }

  // The taps that a parity meets, of one block of input and one of output channels: square[tap][input][output].
  static void transposed_taps(const Grid& g, const float* filter, int parity, std::int64_t x_block, std::int64_t y_block,
                              float (&square)[4][kBlock][kBlock]) {
    for (int tap = 0; tap < 4; ++tap) {
      const std::int64_t place = (2 * (tap / 2) + parity / 2) * 4 + 2 * (tap % 2) + parity % 2;
      for (int o = 0; o < kBlock; ++o)
        for (int c = 0; c < kBlock; ++c) {
          const std::int64_t output = y_block * kBlock + o, channel = x_block * kBlock + c;
          square[tap][c][o] = output < g.y_c && channel < g.x_c ? filter[(output * 16 + place) * g.x_c + channel] : 0.0f;
        }
    }
  }

  static void filter_by_output(const Grid& g, const float* filter, std::int64_t block, const Elements& u) {
    float square[4][kBlock][kBlock];
    for (std::int64_t v_block = 0; v_block < 4 * g.x_blocks(); ++v_block) {
      transposed_taps(g, filter, static_cast<int>(v_block / g.x_blocks()), v_block % g.x_blocks(), block, square);
      for (int c = 0; c < kBlock; ++c) {
        float* to = u.at(block, v_block * kBlock + c);
        for (int at = 0; at < kBlock; at += Vec::kLanes)
          transform<2, kN>(
              [](const Vec* d, Vec* e) __attribute__((always_inline)) { F::filter(d, e); },
              [&](auto i, auto j) __attribute__((always_inline)) { return Vec::load(square[2 * i.value + j.value][c] + at); },
              [&](auto i, auto j, Vec value)
                  __attribute__((always_inline)) { value.store(to + (i.value * kN + j.value) * u.element + at); });
      }
    }
  }

  static void filter_by_input(const Grid& g, const float* filter, std::int64_t block, const Elements& u) {
    const auto parity = static_cast<int>(block / g.x_blocks());
    const std::int64_t x_block = block % g.x_blocks();
    const float* taps = filter + (parity / 2 * 4 + parity % 2) * g.x_c;
    each_block({x_block, x_block + 1}, g.x_c, [&](auto lanes, std::int64_t b) {
      for (std::int64_t o = 0; o < g.y_blocks() * kBlock; ++o) {
        float* to = u.at(block, o);
        for (int at = 0; at < kBlock; at += Vec::kLanes)
          transform<2, kN>(
              [](const Vec* d, Vec* e) __attribute__((always_inline)) { F::filter(d, e); },
              [&](auto i, auto j) __attribute__((always_inline)) {
                if (o >= g.y_c) return Vec::zero();
                return lanes.load(taps + (o * 16 + 8 * i.value + 2 * j.value) * g.x_c + b * kBlock, at);
              },
              [&](auto i, auto j, Vec value)
                  __attribute__((always_inline)) { value.store(to + (i.value * kN + j.value) * u.element + at); });
      }
    });
  }

  static void filter_grad(const Grid& g, const Elements& du, std::int64_t block, float* dfilter) {
    const auto parity = static_cast<int>(block / g.x_blocks());
    const std::int64_t x_block = block % g.x_blocks();
    float* taps = dfilter + (parity / 2 * 4 + parity % 2) * g.x_c;
    each_block({x_block, x_block + 1}, g.x_c, [&](auto lanes, std::int64_t b) {
      for (std::int64_t o = 0; o < g.y_c; ++o) {
        const float* from = du.at(block, o);
        for (int at = 0; at < kBlock; at += Vec::kLanes)
          transform<kN, 2>(
              [](const Vec* d, Vec* e) __attribute__((always_inline)) { F::filter_grad(d, e); },
              [&](auto i, auto j) __attribute__((always_inline)) { return Vec::load(from + (i.value * kN + j.value) * du.element + at); },
              [&](auto i, auto j, Vec value) __attribute__((always_inline)) {
                lanes.store(value, taps + (o * 16 + 8 * i.value + 2 * j.value) * g.x_c + b * kBlock, at);
              });
      }
    });
  }
};

}  // namespace
}  // namespace fgan::winograd
