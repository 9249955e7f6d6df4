// Bytes p of images, the numbers x that the networks see instead, and what is done to real examples on the way.
//   exact:        x = scale p + shift with 0 and 255 on the ends of the interval; back: the byte nearest to (x - shift) / scale
//   dequantised:  x = scale (p + u - 1/2) + shift, u uniform on [0, 1): each byte has one of 256 equal cells that make up the interval,
//                 p by itself is its middle, and the same way back leads from anywhere in a cell to its byte
// Uniform noise of one grey level gives bytes a density, of which a density of numbers can be a model: Uria, Murray & Larochelle (NIPS
// 2013); Theis, van den Oord & Bethge, "A note on the evaluation of generative models" (ICLR 2016), section 3.1.
//   mirrored:     left and right of an example exchanged, with probability 1/2
#pragma once

#include <cmath>
#include <cstdint>

#include "math/philox.h"

namespace fgan::math {

struct PixelRange {
  float scale = 1, shift = 0;
};

inline PixelRange exact_range(float lowest, float highest) { return {(highest - lowest) / 255, lowest}; }
inline PixelRange dequantised_range(float lowest, float highest) {
  const float cell = (highest - lowest) / 256;
  return {cell, lowest + cell / 2};
}

// The number of a byte, or of a byte with noise.  In f32 exact for the dequantised range of (-1, 1), noise included.
template <class Real>
FGAN_HD inline Real number_of(const PixelRange& range, Real level) {
  return static_cast<Real>(range.scale) * level + static_cast<Real>(range.shift);
}

// The byte next to a number, the ends beyond them, 0 for what is not a number.  In double, so that every back end rounds to the same.
FGAN_HD inline std::uint8_t byte_of(const PixelRange& range, double x) {
  const double p = std::floor((x - static_cast<double>(range.shift)) / static_cast<double>(range.scale) + 0.5);
  return !(p > 0) ? 0 : p > 255 ? 255 : static_cast<std::uint8_t>(p);
}

// What is done to examples, as a function of (seed, step, row, element).
struct Augmentation {
  bool mirror = false, dequantise = false;
  std::uint64_t seed = 0;
  explicit operator bool() const { return mirror || dequantise; }
};

FGAN_HD inline bool is_mirrored(std::uint64_t seed, std::uint64_t step, std::uint32_t row) {
  return bits(seed, Purpose::mirror, step, row, 0) >> 31 != 0;
}

// Where element e of an example of so many columns and channels (channels fastest) comes from when it is mirrored.
FGAN_HD inline std::uint32_t mirrored_element(std::uint32_t e, std::uint32_t columns, std::uint32_t channels) {
  const std::uint32_t column = e / channels % columns;
  return e + (columns - 1 - column) * channels - column * channels;
}

struct LevelNoise8 {
  float x[8];
};

// u - 1/2 of elements 8 * octet ... 8 * octet + 7, half a word each, the lower first.  16 bits: a byte with noise has then 24, exact in
// f32.
FGAN_HD inline LevelNoise8 level_noise(std::uint64_t seed, std::uint64_t step, std::uint32_t row, std::uint32_t octet) {
  const Philox4 words = random_block(seed, Purpose::dequantisation, step, row, octet);
  LevelNoise8 noise{};
  for (int i = 0; i < 8; ++i) noise.x[i] = static_cast<float>((words.x[i / 2] >> (16 * (i % 2))) & 0xffffu) * 0x1p-16f - 0.5f;
  return noise;
}

}  // namespace fgan::math
