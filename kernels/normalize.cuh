// What a thread does for normalisation: with the pixels of its pack of V channels, and with sums of several threads.
//   Types: T is float or math::Bf16; all arithmetic is in f32.
#pragma once

#include "kernels/channels.cuh"
#include "math/normalization.h"

namespace fgan::kernels {

// Numbers of each channel: their mean and the sum of squares about it.
template <int V>
struct Sample {
  float count, mean[V], squares[V];
};
template <int V>
__device__ Sample<V> operator+(Sample<V> a, const Sample<V>& b) {
  if (b.count > 0) {
    const math::MergeMoments<float> merge(a.count, b.count);
    for (int v = 0; v < V; ++v) merge(a.mean[v], a.squares[v], b.mean[v], b.squares[v]);
    a.count += b.count;
  }
  return a;
}

// math::SlopeSums of each channel.
template <int V>
struct Slopes {
  float d[V], dz[V];
};
template <int V>
__device__ Slopes<V> operator+(Slopes<V> a, const Slopes<V>& b) {
  for (int v = 0; v < V; ++v) a.d[v] += b.d[v], a.dz[v] += b.dz[v];
  return a;
}

// z = (x - mean) * per_sd
template <int V>
struct Standard {
  float mean[V], per_sd[V];
};

// Of moments [2, channels] from the pack's first channel on; null: z = x.
template <int V>
__device__ Standard<V> standard(const math::NormSpec& spec, const Tiling& tiling, const float* moments) {
  Standard<V> by;
  for (int v = 0; v < V; ++v) {
    by.mean[v] = moments ? moments[v] : 0.0f;
    by.per_sd[v] = moments ? math::per_deviation(moments[tiling.channels + v], spec.epsilon) : 1.0f;
  }
  return by;
}

// Eight pixels at a time: f32 sums about the first of them lose at most three bits to cancellation, whatever the mean is.
template <class T, int V>
__device__ Sample<V> measure(const T* x, const Strand& s) {
  constexpr int kBatch = 8;
  Sample<V> all{};
  for (std::int64_t i = 0; i < s.count; i += kBatch) {
    const T* at = x + s.first + i * s.step;
    Pack<T, V> batch[kBatch];
    for (int k = 0; k < kBatch; ++k) batch[k] = load<T, V>(i + k < s.count ? at + k * s.step : at);  // at itself adds 0 to the sums
    const float count = static_cast<float>(s.count - i < kBatch ? s.count - i : kBatch), per_pixel = 1 / count;
    const math::MergeMoments<float> merge(all.count, count);
    for (int v = 0; v < V; ++v) {
      const float shift = math::to_float(batch[0].at[v]);
      float sum = 0, squares = 0;
      for (int k = 1; k < kBatch; ++k) {
        const float d = math::to_float(batch[k].at[v]) - shift;
        sum += d;
        squares += d * d;
      }
      const float average = sum * per_pixel, about = squares - sum * average;
      merge(all.mean[v], all.squares[v], shift + average, about < 0 ? 0 : about);
    }
    all.count += count;
  }
  return all;
}

template <class T, int V>
__device__ void normalize_pixels(const math::ActivationSpec& activation, const Strand& s, const Standard<V>& by, const float* gain,
                                 const float* bias, const T* x, T* y) {
  float scale[V], shift[V];
  for (int v = 0; v < V; ++v) {
    scale[v] = gain[v] * by.per_sd[v];
    shift[v] = bias[v];
  }
  math::with_activation(activation, [&](auto fixed) {
    const auto get = [&](std::int64_t i) { return load<T, V>(x + s.first + i * s.step); };
    in_batches<V == 8 ? 2 : 4>(s.count, get, [&](std::int64_t i, const Pack<T, V>& from) {
      Pack<T, V> to;
      for (int v = 0; v < V; ++v)
        to.at[v] = math::from_float<T>(fixed.value((math::to_float(from.at[v]) - by.mean[v]) * scale[v] + shift[v]));
      store(y + s.first + i * s.step, to);
    });
  });
}

// What the gradient reads.
template <class T, int V>
struct Read {
  Pack<T, V> x, y, dy;
};
template <class T>
struct GradArrays {
  const T *x, *y, *dy;
  template <int V>
  __device__ Read<T, V> read(std::int64_t at) const {
    return {load<T, V>(x + at), load<T, V>(y + at), load<T, V>(dy + at)};
  }
};

// use(i, v, d, z) for every pixel and channel.
template <int kBatch, class T, int V, class Use, class After>
__device__ void each_slope(const math::ActivationSpec& activation, const Strand& s, const Standard<V>& by, const GradArrays<T>& arrays,
                           const Use& use, const After& after) {
  math::with_activation(activation, [&](auto fixed) {
    const auto get = [&](std::int64_t i) { return arrays.template read<V>(s.first + i * s.step); };
    in_batches<kBatch>(s.count, get, [&](std::int64_t i, const Read<T, V>& r) {
      for (int v = 0; v < V; ++v)
        use(v, math::to_float(r.dy.at[v]) * fixed.slope_from_output(math::to_float(r.y.at[v])),
            (math::to_float(r.x.at[v]) - by.mean[v]) * by.per_sd[v]);
      after(i);
    });
  });
}

template <int kBatch, class T, int V>
__device__ Slopes<V> sum_slopes(const math::ActivationSpec& activation, const Strand& s, const Standard<V>& by,
                                const GradArrays<T>& arrays) {
  Slopes<V> sums{};
  const auto add = [&](int v, float d, float z) {
    sums.d[v] += d;
    sums.dz[v] += d * z;
  };
  each_slope<kBatch>(activation, s, by, arrays, add, [](std::int64_t) {});
  return sums;
}

// dx = gain / sd * (d - loss.d - z * loss.dz).  dx may be dy: a pack is read before it is written, by the same thread.
template <class T, int V>
__device__ void write_dx(const math::ActivationSpec& activation, const Strand& s, const Standard<V>& by, const float* gain,
                         const Slopes<V>& loss, const GradArrays<T>& arrays, T* dx) {
  float scale[V];
  Standard<V> lost = by;  // z * loss.dz in place of z, for the sake of registers
  for (int v = 0; v < V; ++v) {
    scale[v] = gain[v] * by.per_sd[v];
    lost.per_sd[v] *= loss.dz[v];
  }
  Pack<T, V> to;
  const auto set = [&](int v, float d, float z_lost) { to.at[v] = math::from_float<T>(scale[v] * (d - loss.d[v] - z_lost)); };
  each_slope<V == 8 ? 1 : 2>(activation, s, lost, arrays, set, [&](std::int64_t i) { store(dx + s.first + i * s.step, to); });
}

// Two numbers a channel that one block leaves for another: pieces [.., 2, channels] in scratch memory.
template <int V>
__device__ void write_piece(const Tiling& tiling, float* pieces, std::int64_t piece, std::int64_t channel, const float* one,
                            const float* other) {
  Pack<float, V> packs[2];
  for (int v = 0; v < V; ++v) {
    packs[0].at[v] = one[v];
    packs[1].at[v] = other[v];
  }
  for (int i = 0; i < 2; ++i) store(pieces + (2 * piece + i) * tiling.channels + channel, packs[i]);
}
template <int V>
__device__ void read_piece(const Tiling& tiling, const float* pieces, std::int64_t piece, std::int64_t channel, float* one, float* other) {
  Pack<float, V> packs[2];
  for (int i = 0; i < 2; ++i) packs[i] = load<float, V>(pieces + (2 * piece + i) * tiling.channels + channel);
  for (int v = 0; v < V; ++v) {
    one[v] = packs[0].at[v];
    other[v] = packs[1].at[v];
  }
}

// The sum of pieces first .. first + count, for every thread of a block; their numbers are d and d z.
template <int V>
__device__ Slopes<V> sum_pieces(const Tiling& tiling, const Seat& seat, const float* pieces, int first, int count) {
  Slopes<V> sum{};
  for (int k = seat.slot; k < count && seat.taken; k += tiling.slots) {
    Slopes<V> piece;
    read_piece<V>(tiling, pieces, first + k, seat.channel, piece.d, piece.dz);
    sum = sum + piece;
  }
  return team_sum<kThreads>(sum, tiling.lanes, tiling.slots);
}

}  // namespace fgan::kernels
