// Loops over rows x channels.  A few channels make loops too short for vectors, so rows are seen in bundles: "wide rows" of at least 64
// lanes, lane j holding channel j % channels.  Lanes are reduced side by side, in an order that the shape fixes and threads do not:
//   blocks of 16 wide rows in f32, blocks into chunks in f64, chunks in order, then the lanes of a channel.
#pragma once

#include <cstdint>
#include <numeric>

#include "device/cpu/memory.h"
#include "device/cpu/parallel.h"

namespace fgan {

class WideRows {
 public:
  static constexpr std::int64_t kBlockRows = 16;

  struct Chunk {
    std::int64_t begin;  // first element
    std::int64_t rows, lanes;
  };

  WideRows(std::int64_t rows, std::int64_t channels) : channels_(channels), elements_(rows * channels) {
    std::int64_t bundle = 1;
    if (channels < 64) {
      bundle = 16 / std::gcd<std::int64_t>(channels, 16);
      bundle *= (63 + bundle * channels) / (bundle * channels);
    }
    lanes_ = bundle * channels;
    full_ = rows / bundle;
    chunk_rows_ = std::max(kBlockRows, (full_ + kMostChunks - 1) / kMostChunks);
    chunks_ = (full_ + chunk_rows_ - 1) / chunk_rows_ + (full_ * lanes_ < elements_ ? 1 : 0);
  }

  std::int64_t channels() const { return channels_; }
  std::int64_t lanes() const { return lanes_; }
  std::int64_t chunks() const { return chunks_; }
  std::int64_t elements() const { return elements_; }

  // The last one may be the rows left over from the bundles: one row of fewer lanes.
  Chunk chunk(std::int64_t i) const {
    const std::int64_t first = i * chunk_rows_;
    if (first < full_) return {first * lanes_, std::min(chunk_rows_, full_ - first), lanes_};
    return {full_ * lanes_, 1, elements_ - full_ * lanes_};
  }

  // Per-channel numbers for every lane.
  template <class F>
  void fill_lanes(float* wide, const F& of_channel) const {
    for (std::int64_t c = 0; c < channels_; ++c) wide[c] = of_channel(c);
    for (std::int64_t j = channels_; j < lanes_; ++j) wide[j] = wide[j - channels_];
  }

  // f(first element, lanes) for every wide row
  template <class F>
  void each(const Team& team, const F& f) const {
    team.each(chunks_, elements_, [&](std::int64_t i) {
      const Chunk k = chunk(i);
      for (std::int64_t r = 0; r < k.rows; ++r) f(k.begin + r * lanes_, k.lanes);
    });
  }

  // sums[i * channels + c] of kSums quantities: f(first element, lanes, sum of quantity 0, 1, ...) adds one wide row to f32 lanes.
  template <int kSums, class F>
  void sum(const Team& team, Memory& scratch, double* sums, const F& f) const {
    const std::int64_t width = kSums * lanes_;
    scratch.reserve(static_cast<std::size_t>(chunks_ * width) * (sizeof(double) + sizeof(float)));
    auto* partials = static_cast<double*>(static_cast<void*>(scratch.data()));
    float* lane_sums = static_cast<float*>(static_cast<void*>(partials + chunks_ * width));
    team.each(chunks_, elements_, [&](std::int64_t i) {
      const Chunk k = chunk(i);
      double* total = partials + i * width;
      float* block = lane_sums + i * width;
      std::fill(total, total + width, 0.0);
      for (std::int64_t first = 0; first < k.rows; first += kBlockRows) {
        std::fill(block, block + width, 0.0f);
        for (std::int64_t r = first; r < std::min(k.rows, first + kBlockRows); ++r) f(k.begin + r * lanes_, k.lanes, block);
#pragma omp simd
        for (std::int64_t j = 0; j < width; ++j) total[j] += static_cast<double>(block[j]);
      }
    });
    std::fill(sums, sums + kSums * channels_, 0.0);
    for (std::int64_t i = 0; i < chunks_; ++i)
      for (int s = 0; s < kSums; ++s)
        for (std::int64_t j = 0; j < lanes_; j += channels_) {
          const double* from = partials + i * width + s * lanes_ + j;
#pragma omp simd
          for (std::int64_t c = 0; c < channels_; ++c) sums[s * channels_ + c] += from[c];
        }
  }

 private:
  static constexpr std::int64_t kMostChunks = 64;  // bounds the partial sums: at most 1/16 of the data, and 64 rows

  std::int64_t channels_, elements_, lanes_, full_, chunk_rows_, chunks_;
};

}  // namespace fgan
