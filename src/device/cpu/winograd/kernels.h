// What the convolution in Winograd's domain is made of, compiled once for each instruction set.
//
// A 4x4 convolution of stride 2 and padding 1 is one of 2x2 and stride 1 over four times the channels: parity (a, b) of x, the pixels
// (2 h + a - 1, 2 w + b - 1), meets taps (2 i + a, 2 j + b).  Outputs are cut into tiles of m x m; a tile needs (m + 1) x (m + 1) pixels of
// each parity.  In the domain of the transforms (transforms.h) all is (m + 1)^2 independent matrix products, one for each element of a
// tile:
//   V = B' x B   U = G filter G'   Y = A dy A'
//   y = A' (U V) A   dx = sum over tiles of B (U' Y) B'   dfilter = G' (V Y') G
// Channels lie in blocks of 16; the channels of V are those of parity 0, 1, 2, 3 one after another, each padded to whole blocks ("4 C").
// Pixels and tiles beyond the image count as zeros.
#pragma once

#include <cstdint>

namespace fgan::winograd {

constexpr std::int64_t kBlock = 16;

// One image of x is x_h x x_w x x_c, one of y is y_h x y_w x y_c; filters are [y_c, 4, 4, x_c].
struct Grid {
  std::int64_t x_h, x_w, x_c, y_h, y_w, y_c, tiles_h, tiles_w;
  std::int64_t tiles() const { return tiles_h * tiles_w; }
  std::int64_t x_blocks() const { return (x_c + kBlock - 1) / kBlock; }  // of one parity
  std::int64_t y_blocks() const { return (y_c + kBlock - 1) / kBlock; }
};

struct Range {
  std::int64_t begin, end;
  std::int64_t count() const { return end - begin; }
};

// Numbers in the domain: [element][block][row][16], a row being a tile or a channel.  Distances in floats; data is block `first`.
struct Elements {
  float* data;
  std::int64_t element, block, first;
  float* at(std::int64_t b, std::int64_t row) const { return data + (b - first) * block + row * kBlock; }
};

// All but the first transform one row of tiles of an image, whose first tile is row `tile` of the elements, in a range of blocks.
struct Kernels {
  std::int64_t outputs, elements, panel;  // m; (m + 1)^2; blocks that a product takes at once

  // zeros: as many as a padded pixel has channels
  void (*input)(const Grid&, const float* x, const float* zeros, std::int64_t tile_row, Range blocks, const Elements& v, std::int64_t tile);
  void (*output_grad)(const Grid&, const float* dy, const float* zeros, std::int64_t tile_row, Range blocks, const Elements& y,
                      std::int64_t tile);
  void (*output)(const Grid&, const Elements& product, std::int64_t tile, std::int64_t tile_row, Range blocks, float* y);
  // One parity of a whole image: tiles overlap.
  void (*input_grad)(const Grid&, const Elements& product, std::int64_t tile, int parity, Range blocks, const float* zeros, float* dx);

  // Rows are channels of V (4 C, padded), blocks those of y.
  void (*filter_by_output)(const Grid&, const float* filter, std::int64_t block, const Elements& u);
  // Rows are channels of y (padded), blocks those of V.
  void (*filter_by_input)(const Grid&, const float* filter, std::int64_t block, const Elements& u);
  void (*filter_grad)(const Grid&, const Elements& du, std::int64_t block, float* dfilter);

  // For one element, c[block][row] = sum over k of a[k / 16][row][k % 16] b[block][k], k < depth, a multiple of 16.
  void (*product)(const float* a, std::int64_t a_block, const float* b, std::int64_t b_block, std::int64_t rows, std::int64_t depth,
                  std::int64_t blocks, float* c, std::int64_t c_block);
  // For one element, c[block][row] (+)= sum over k of a[row / 16][k][row % 16] b[block][k], k < depth.
  void (*product_transposed)(const float* a, std::int64_t a_block, const float* b, std::int64_t b_block, std::int64_t rows,
                             std::int64_t depth, std::int64_t blocks, bool add, float* c, std::int64_t c_block);
};

// outputs: 2 or 4
const Kernels& avx2_kernels(int outputs);
const Kernels& avx512_kernels(int outputs);

}  // namespace fgan::winograd
