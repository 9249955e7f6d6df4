// Sums over the pixels of [pixels, channels] for each channel, in f32, in one launch and an order that the shape alone fixes.
//   A block of 512 threads for a share of the pixels and a tile of 64 channels (channels.cuh); threads meet pairwise in shared memory.
//   Where the pixels have several shares the last block to end adds these: pieces [shares, channels].
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/channels.cuh"
#include "kernels/last_block.cuh"

namespace fgan::kernels {

template <int V>
struct Sums {
  float at[V];
};
template <int V>
__device__ Sums<V> operator+(Sums<V> a, const Sums<V>& b) {
  for (int v = 0; v < V; ++v) a.at[v] += b.at[v];
  return a;
}

struct ColumnPlan {
  Tiling tiling;
  std::int64_t pixels;
  int shares;

  // About two blocks a multiprocessor, but a thread has two pixels at least.
  ColumnPlan(std::int64_t all_pixels, std::int64_t channels, int pack) : tiling(channels, pack), pixels(all_pixels) {
    const std::int64_t most = (pixels + 2 * tiling.slots - 1) / (2 * tiling.slots), wanted = std::max(1, 2 * kBlocks / tiling.tiles);
    shares = static_cast<int>(std::min(most, wanted));
  }
  Grid grid() const { return {static_cast<unsigned>(shares), static_cast<unsigned>(tiling.tiles), kThreads}; }
};

// Of the pieces, for any number of pixels.
inline std::size_t column_sums_bytes(std::int64_t channels) {
  return static_cast<std::size_t>(std::max<std::int64_t>(channels, 2 * kBlocks * kTileChannels)) * sizeof(float);
}

// sums[c] = sum of the pieces of channel c, by one block.  Few channels are shared by many threads, so that none reads many pieces in a
// row.
__device__ inline void add_shares(const ColumnPlan& plan, const float* pieces, float* sums) {
  const std::int64_t channels = plan.tiling.channels;
  const int lanes = channels < kThreads ? static_cast<int>(channels) : kThreads, members = kThreads / lanes;
  const int lane = static_cast<int>(threadIdx.x) % lanes, member = static_cast<int>(threadIdx.x) / lanes;
  for (std::int64_t first = 0; first < channels; first += lanes) {
    const std::int64_t c = first + lane;
    Sums<1> sum{};
    for (int k = member; k < plan.shares && member < members && c < channels; k += members) sum.at[0] += pieces[k * channels + c];
    sum = team_sum<kThreads>(sum, lanes, members);
    if (member == 0 && c < channels) sums[c] = sum.at[0];
  }
}

// sum_strand(strand) -> Sums<V>: of the thread's pixels, from element strand.first on.
template <int V, class F>
__device__ void column_sums(const ColumnPlan& plan, float* pieces, float* sums, unsigned* arrivals, const F& sum_strand) {
  const Tiling& tiling = plan.tiling;
  const Seat place = seat<V>(tiling, blockIdx.y);
  const Share share = share_of(plan.pixels, plan.shares, static_cast<int>(blockIdx.x));
  Sums<V> own{};
  if (place.taken) own = sum_strand(strand(tiling, place.channel, share.begin, share.count, place.slot, tiling.slots));
  own = team_sum<kThreads>(own, tiling.lanes, tiling.slots);
  float* to = (plan.shares > 1 ? pieces + blockIdx.x * tiling.channels : sums) + place.channel;
  for (int v = 0; v < V && place.taken && place.slot == 0; ++v) to[v] = own.at[v];
  if (plan.shares == 1 || !last_block(arrivals)) return;
  add_shares(plan, pieces, sums);
}

}  // namespace fgan::kernels
