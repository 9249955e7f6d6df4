// Random numbers as pure functions of (seed, purpose, step, row, element): Philox4x32-10, Salmon et al., "Parallel random numbers: as
// easy as 1, 2, 3" (SC 2011).  There is no state to save, and any thread may compute any number.
//   key:      a bijective mix of the seed with the purpose, so that streams of one seed never coincide
//   counter:  step (64 bits), row, element / 4: four consecutive elements share one block
#pragma once

#include <cmath>
#include <cstdint>

#include "math/hd.h"

namespace fgan::math {

// Values are part of what a checkpoint means: append, never reorder.
enum class Purpose : std::uint32_t {
  initial_weights,
  latent,
  data_order,
  data_sample,
  calibration,
  sample_latent,
  mirror,
  evaluation,
  reference_batch,
  bench,
  generator_dropout,
  critic_dropout,
  reference_latent,
  dequantisation,
};

struct PhiloxCounter {
  std::uint32_t x[4];
};

struct PhiloxKey {
  std::uint32_t x[2];
};

struct Philox4 {
  std::uint32_t x[4];
};

FGAN_HD inline Philox4 philox(PhiloxCounter counter, PhiloxKey key) {
  std::uint32_t a = counter.x[0], b = counter.x[1], c = counter.x[2], d = counter.x[3];
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD2511F53u} * a, second = std::uint64_t{0xCD9E8D57u} * c;
    a = static_cast<std::uint32_t>(second >> 32) ^ b ^ key.x[0];
    c = static_cast<std::uint32_t>(first >> 32) ^ d ^ key.x[1];
    b = static_cast<std::uint32_t>(second);
    d = static_cast<std::uint32_t>(first);
    key.x[0] += 0x9E3779B9u;
    key.x[1] += 0xBB67AE85u;
  }
  return {{a, b, c, d}};
}

// The finaliser of splitmix64 (Steele et al. 2014), a bijection of 64 bits.
FGAN_HD inline PhiloxKey key_of(std::uint64_t seed, Purpose purpose) {
  std::uint64_t z = seed + (static_cast<std::uint64_t>(purpose) + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return {{static_cast<std::uint32_t>(z), static_cast<std::uint32_t>(z >> 32)}};
}

// The four words of elements 4 * block ... 4 * block + 3.
FGAN_HD inline Philox4 random_block(std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint32_t row, std::uint32_t block) {
  return philox({{static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32), row, block}}, key_of(seed, purpose));
}

FGAN_HD inline std::uint32_t bits(std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint32_t row, std::uint32_t element) {
  return random_block(seed, purpose, step, row, element / 4).x[element % 4];
}

// In (0, 1), both ends excluded: 23 bits and the middle of the cell are 24 bits, exact in f32.
FGAN_HD inline float uniform_of(std::uint32_t word) { return (static_cast<float>(word >> 9) + 0.5f) * 0x1p-23f; }

struct Normals4 {
  float x[4];
};

// Box-Muller on two pairs of words.  The radius takes all 32 bits, so that the tail reaches 6.7 deviations rather than 5.6.
FGAN_HD inline Normals4 normals_of(const Philox4& words) {
  Normals4 z{};
  for (int i = 0; i < 4; i += 2) {
    const float u = (static_cast<float>(words.x[i]) + 0.5f) * 0x1p-32f;
    const float angle = 6.283185307f * uniform_of(words.x[i + 1]);
    const float radius = std::sqrt(-2.0f * std::log(u));
    z.x[i] = radius * std::cos(angle);
    z.x[i + 1] = radius * std::sin(angle);
  }
  return z;
}

FGAN_HD inline float uniform(std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint32_t row, std::uint32_t element) {
  return uniform_of(bits(seed, purpose, step, row, element));
}

FGAN_HD inline float normal(std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint32_t row, std::uint32_t element) {
  return normals_of(random_block(seed, purpose, step, row, element / 4)).x[element % 4];
}

}  // namespace fgan::math
