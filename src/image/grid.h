// Many small images in one picture.
#pragma once

#include <cstdint>
#include <span>

#include "image/picture.h"

namespace fgan {

// N,H,W,C bytes.
struct Images {
  std::span<const std::uint8_t> pixels;
  int count, height, width, channels;
};

// A near-square grid, or one of `columns`, filled row by row, with a separator of one pixel between images.  Small images are enlarged by a
// whole factor until their longer side has 56 pixels (28x28 becomes 56x56).  Images with alpha are laid on white, so that the picture is
// grey or RGB. Shows the first images only where more would make a side longer than PNG writing takes.
Picture tile(const Images& images, int columns = 0);

// How many images of that size one picture shows.
std::int64_t grid_capacity(int height, int width);

}  // namespace fgan
