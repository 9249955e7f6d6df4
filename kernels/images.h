// Latent noise, and bytes to numbers and back.
#pragma once

#include <cstdint>

#include "kernels/array.h"
#include "kernels/stream.h"
#include "math/pixels.h"

namespace fgan::kernels {

// y[row, e] from block (seed, purpose, *counter, row, e / 4) of Philox: standard normal, or uniform on (-1, 1).  Then *counter += advance.
// Where rows are whole packs of four, y begins at one.  arrivals: see last_block.cuh.
void noise(Stream, bool normal, std::uint64_t seed, math::Purpose, std::int64_t* counter, std::int64_t advance, std::int64_t rows,
           std::int64_t width, Array y, unsigned* arrivals);

// Images of bytes, channels fastest.
struct ImageShape {
  std::int64_t count, height, width, channels;
};

// Bytes to numbers (math/pixels.h), augmented at step *counter, which is read only where there is augmentation.  Where the elements of an
// image are a multiple of 8, pixels begin at a multiple of 8 bytes and y at one of 16.
void pixels_in(Stream, const math::PixelRange&, const math::Augmentation&, const std::int64_t* counter, const ImageShape&,
               const std::uint8_t* pixels, Array y);
// Numbers to the bytes next to them.
void pixels_out(Stream, std::int64_t count, const math::PixelRange&, Array x, std::uint8_t* pixels);

}  // namespace fgan::kernels
