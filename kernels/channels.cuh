// How the threads of a block meet arrays [pixels, channels] whose channels they sum over pixels.
//   A block has a tile of the channels: `lanes` packs of V neighbouring ones.  Its threads stand in `slots` rows of `lanes`, and the slots
//   share the pixels, so neighbouring threads read neighbouring packs; with few channels they read the next pixel's too.
#pragma once

#include <cstdint>

#include "kernels/array.h"
#include "kernels/pack.cuh"
#include "kernels/reduce.cuh"

namespace fgan::kernels {

constexpr int kThreads = 512;
constexpr int kTileChannels = 64;  // 128 bytes of bf16
constexpr int kBlocks = 132;       // multiprocessors of an H200: a block each keeps enough bytes in flight

struct Tiling {
  std::int64_t channels;
  int packs, tiles, lanes, slots;

  Tiling(std::int64_t all_channels, int pack) : channels(all_channels), packs(static_cast<int>(channels / pack)) {
    const int most = kTileChannels / pack;
    tiles = (packs + most - 1) / most;
    lanes = (packs + tiles - 1) / tiles;
    slots = kThreads / lanes;
  }
};

struct Seat {
  int slot;
  std::int64_t channel;  // the first of the pack
  bool taken;            // false: this thread has nothing to read
};

template <int V>
__device__ Seat seat(const Tiling& tiling, unsigned tile) {
  const int thread = static_cast<int>(threadIdx.x), slot = thread / tiling.lanes;
  const int pack = static_cast<int>(tile) * tiling.lanes + thread % tiling.lanes;
  return {slot, static_cast<std::int64_t>(pack) * V, slot < tiling.slots && pack < tiling.packs};
}

// The packs of one thread: `count` of them from element `first` on, `step` elements apart.
struct Strand {
  std::int64_t first, step, count;
};

// Those of one of the `members` that take turns over `pixels` pixels from pixel `first` on.
__device__ inline Strand strand(const Tiling& tiling, std::int64_t channel, std::int64_t first, std::int64_t pixels, int member,
                                int members) {
  return {(first + member) * tiling.channels + channel, members * tiling.channels,
          pixels > member ? (pixels - member + members - 1) / members : 0};
}

// Pixels begin .. begin + count, the k-th of equal shares; the last ones may be short or empty.
struct Share {
  std::int64_t begin, count;
};
FGAN_HD inline Share share_of(std::int64_t pixels, int shares, int k) {
  const std::int64_t length = (pixels + shares - 1) / shares, begin = k * length < pixels ? k * length : pixels;
  return {begin, length < pixels - begin ? length : pixels - begin};
}

// use(i, get(i)) for i < count, where kBatch things are got before the first is used.  Rolled: the batches are what is in flight, and this
// is compiled for each activation.
template <int kBatch, class Get, class Use>
__device__ void in_batches(std::int64_t count, const Get& get, const Use& use) {
  FGAN_ROLLED
  for (std::int64_t i = 0; i < count; i += kBatch) {
    decltype(get(i)) got[kBatch] = {};
    for (int k = 0; k < kBatch; ++k)
      if (i + k < count) got[k] = get(i + k);
    for (int k = 0; k < kBatch; ++k)
      if (i + k < count) use(i + k, got[k]);
  }
}

// Channels of a pack: 16 bytes where these divide the channels.
inline int pack_of(Type type, std::int64_t channels) {
  const int wide = type == Type::bf16 ? 8 : 4;
  return channels % wide == 0 ? wide : 1;
}

// Bytes of such a pack.
inline int access_of(Type type, std::int64_t channels) { return pack_of(type, channels) * (type == Type::bf16 ? 2 : 4); }

// f(T{}, constant), constant() being pack_of.
template <class F>
void with_pack(Type type, std::int64_t channels, const F& f) {
  with_type(type, [&](auto element) {
    constexpr int kWide = 16 / sizeof(element);
    if (pack_of(type, channels) == kWide) f(element, std::integral_constant<int, kWide>{});
    else f(element, std::integral_constant<int, 1>{});
  });
}

}  // namespace fgan::kernels
