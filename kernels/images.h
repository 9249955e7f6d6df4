// Latent noise, and bytes to numbers and back.
#pragma once

#include <cstdint>

#include "kernels/array.h"
#include "kernels/stream.h"
#include "math/philox.h"

namespace fgan::kernels {

// y[row, e] from block (seed, purpose, *counter, row, e / 4) of Philox: standard normal, or uniform on (-1, 1).
void noise(Stream, bool normal, std::uint64_t seed, math::Purpose, const std::int64_t* counter, std::int64_t rows, std::int64_t width,
           Array y);

// y = scale * pixel + shift
void pixels_in(Stream, std::int64_t count, const std::uint8_t* pixels, float scale, float shift, Array y);
// pixel = round((x - shift) / scale) clamped to 0..255, in double, so that every back end rounds to the same byte.
void pixels_out(Stream, std::int64_t count, Array x, float scale, float shift, std::uint8_t* pixels);

}  // namespace fgan::kernels
