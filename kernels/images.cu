#include "kernels/images.h"

#include <cmath>

#include "kernels/each.cuh"

namespace fgan::kernels {
namespace {

using math::from_float, math::to_float;

// One thread per four elements of a row, which share a block of random words; writes y once.
template <class T>
__global__ void noise_kernel(bool normal, std::uint64_t seed, math::Purpose purpose, const std::int64_t* counter, std::int64_t rows,
                             std::int64_t width, T* y) {
  const auto step = static_cast<std::uint64_t>(*counter);
  each(rows, (width + 3) / 4, [=](std::int64_t row, std::int64_t quad) {
    const math::Philox4 words = math::random_block(seed, purpose, step, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(quad));
    math::Normals4 four{};
    if (normal) four = math::normals_of(words);
    else
      for (int i = 0; i < 4; ++i) four.x[i] = 2 * math::uniform_of(words.x[i]) - 1;
    for (int i = 0; i < 4 && 4 * quad + i < width; ++i) y[row * width + 4 * quad + i] = from_float<T>(four.x[i]);
  });
}

// One thread per element; reads a byte, writes y once.  In double, so that y is the rounded value.
template <class T>
__global__ void pixels_in_kernel(std::int64_t count, const std::uint8_t* pixels, float scale, float shift, T* y) {
  each(count, [=](std::int64_t i) {
    y[i] = from_float<T>(static_cast<float>(static_cast<double>(scale) * pixels[i] + static_cast<double>(shift)));
  });
}

// One thread per element; reads x once, writes a byte.  What is not a number becomes 0.
template <class T>
__global__ void pixels_out_kernel(std::int64_t count, const T* x, float scale, float shift, std::uint8_t* pixels) {
  each(count, [=](std::int64_t i) {
    const double p = std::floor((static_cast<double>(to_float(x[i])) - static_cast<double>(shift)) / static_cast<double>(scale) + 0.5);
    pixels[i] = !(p > 0) ? 0 : p > 255 ? 255 : static_cast<std::uint8_t>(p);
  });
}

}  // namespace

void noise(Stream stream, bool normal, std::uint64_t seed, math::Purpose purpose, const std::int64_t* counter, std::int64_t rows,
           std::int64_t width, Array y) {
  with_type(y.type, [&](auto t) {
    using T = decltype(t);
    launch("noise", noise_kernel<T>, grid_over(rows * ((width + 3) / 4)), stream, normal, seed, purpose, counter, rows, width,
           data_of<T>(y));
  });
}

void pixels_in(Stream stream, std::int64_t count, const std::uint8_t* pixels, float scale, float shift, Array y) {
  with_type(y.type, [&](auto t) {
    using T = decltype(t);
    launch("pixels_in", pixels_in_kernel<T>, grid_over(count), stream, count, pixels, scale, shift, data_of<T>(y));
  });
}

void pixels_out(Stream stream, std::int64_t count, Array x, float scale, float shift, std::uint8_t* pixels) {
  with_type(x.type, [&](auto t) {
    using T = decltype(t);
    launch("pixels_out", pixels_out_kernel<T>, grid_over(count), stream, count, data_of<T>(x), scale, shift, pixels);
  });
}

}  // namespace fgan::kernels
