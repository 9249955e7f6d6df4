#include "kernels/normalize_rows.h"

#include <algorithm>

#include "kernels/normalize.cuh"

namespace fgan::kernels {
namespace {

constexpr int kLeastPixels = 4;  // of a row, for a thread: more threads would meet for less work each

struct Rows {
  std::int64_t reference, count, pixels;  // rows of the reference, rows behind it, pixels of a row
  int members;                            // threads that share the pixels of a row and pack: a team
};

Rows rows_of(const RowGroups& groups, const NormShape& shape, const Tiling& tiling) {
  const math::RowGroup& last = groups.at[groups.count - 1];
  const std::int64_t reference = groups.at[0].count, wanted = (shape.pixels + kLeastPixels - 1) / kLeastPixels;
  return {reference, last.first + last.count - reference, shape.pixels, static_cast<int>(std::min<std::int64_t>(wanted, tiling.slots))};
}

int blocks_of(const Rows& rows, const Tiling& tiling) {
  const std::int64_t teams = tiling.slots / rows.members, most = std::max(1, 2 * kBlocks / tiling.tiles);
  return static_cast<int>(std::min((rows.count + teams - 1) / teams, most));
}

// The row that a thread works on while its block works on rows first, first + 1, ...
struct Duty {
  std::int64_t row;
  int member;
  bool here;
};
__device__ Duty duty(const Tiling& tiling, const Rows& rows, const Seat& seat, std::int64_t first) {
  const int team = seat.slot / rows.members;
  const bool whole = team < tiling.slots / rows.members;
  return {first + team, seat.slot % rows.members, seat.taken && whole && first + team < rows.count};
}

// The thread's pixels of its row, none when it has no row.
__device__ Strand own_strand(const Tiling& tiling, const Rows& rows, const Seat& seat, const Duty& own) {
  if (!own.here) return {0, 0, 0};
  return strand(tiling, seat.channel, (rows.reference + own.row) * rows.pixels, rows.pixels, own.member, rows.members);
}

// What normalises a row.  reference, own: moments [2, channels] from the pack's first channel on.
template <int V>
__device__ Standard<V> joint(const math::NormSpec& spec, const Tiling& tiling, const Rows& rows, const float* reference,
                             const math::Moments<float> (&own)[V]) {
  Standard<V> by;
  for (int v = 0; v < V; ++v) {
    const math::Moments<float> r{reference[v], reference[tiling.channels + v]};
    const math::Moments<float> together = math::joint_moments(static_cast<float>(rows.reference), r, own[v]);
    by.mean[v] = together.mean;
    by.per_sd[v] = math::per_deviation(together.variance, spec.epsilon);
  }
  return by;
}

// What a row of these sums adds to those of the reference.
template <int V>
__device__ Slopes<V> pull_of(const math::NormSpec& spec, const Tiling& tiling, const Rows& rows, const float* reference, const float* own,
                             const Standard<V>& by, const Slopes<V>& sums) {
  const float n = static_cast<float>(rows.reference);
  Slopes<V> pull;
  for (int v = 0; v < V; ++v) {
    const float variance = reference[tiling.channels + v] + spec.epsilon;
    const float apart = (reference[v] - own[v]) / (n + 1) * by.per_sd[v];  // the joint mean itself has lost digits
    const math::SlopeSums<float> added = math::pull_on_reference(n / (n + 1), variance, by.per_sd[v], apart, {sums.d[v], sums.dz[v]});
    pull.d[v] = added.d;
    pull.dz[v] = added.dz;
  }
  return pull;
}

// y = activation(gain * (x - mean) / sd + bias) by the joint moments of each row and the reference; writes each row's own moments.
//   A block of 512 threads has a tile of 64 channels (blocks in y) and as many rows at once as it has teams; it goes on with the rows a
//   grid further.  Reads x twice, the second time from a cache where it can, and writes y: 4 to 6 bytes per element, or 8 to 12.
template <class T, int V>
__global__ void __launch_bounds__(kThreads)
    normalize_each(math::NormSpec spec, Tiling tiling, Rows rows, const T* x, const float* gain, const float* bias, T* y, float* moments) {
  const Seat place = seat<V>(tiling, blockIdx.y);
  const std::int64_t c = place.channel, teams = tiling.slots / rows.members;
  for (std::int64_t first = blockIdx.x * teams; first < rows.count; first += gridDim.x * teams) {
    const Duty own = duty(tiling, rows, place, first);
    const Strand pixels = own_strand(tiling, rows, place, own);
    const Sample<V> all = team_sum<kThreads>(measure<T, V>(x, pixels), tiling.lanes, rows.members);
    if (!own.here) continue;
    math::Moments<float> measured[V];
    for (int v = 0; v < V; ++v) measured[v] = {all.mean[v], all.squares[v] / all.count};
    float* stored = moments + (1 + own.row) * 2 * tiling.channels + c;
    for (int v = 0; v < V && own.member == 0; ++v) stored[v] = measured[v].mean, stored[tiling.channels + v] = measured[v].variance;
    normalize_pixels<T, V>(spec.activation, pixels, joint<V>(spec, tiling, rows, moments + c, measured), gain + c, bias + c, x, y);
  }
}

// With U = (n + 1) pixels, the numbers of a row and the reference together, and sums over the row:
//   dx = gain / sd * (d - sum d / U - z * sum d z / U);
// sums and pulls as the header says, of the rows of a block.
//   As normalize_each.  Reads x, y and dy twice, the second time from a cache where it can, and writes dx: 8 to 14 bytes per element, or
//   16 to 28.
template <class T, int V>
__global__ void __launch_bounds__(kThreads) grad_each(math::NormSpec spec, Tiling tiling, Rows rows, GradArrays<T> arrays,
                                                      const float* gain, const float* moments, T* dx, float* sums, float* pulls) {
  const Seat place = seat<V>(tiling, blockIdx.y);
  const std::int64_t c = place.channel, teams = tiling.slots / rows.members;
  const float n = static_cast<float>(rows.reference), per_number = 1 / ((n + 1) * static_cast<float>(rows.pixels));
  Slopes<V> total{}, pull{};
  for (std::int64_t first = blockIdx.x * teams; first < rows.count; first += gridDim.x * teams) {
    const Duty own = duty(tiling, rows, place, first);
    const Strand pixels = own_strand(tiling, rows, place, own);
    const float* stored = moments + (1 + own.row) * 2 * tiling.channels + c;
    Standard<V> by{};
    Slopes<V> row{};
    if (own.here) {
      math::Moments<float> measured[V];
      for (int v = 0; v < V; ++v) measured[v] = {stored[v], stored[tiling.channels + v]};
      by = joint<V>(spec, tiling, rows, moments + c, measured);
      row = sum_slopes < V == 8 ? 1 : 2, T, V > (spec.activation, pixels, by, arrays);
    }
    row = team_sum<kThreads>(row, tiling.lanes, rows.members);
    if (!own.here) continue;
    if (sums && own.member == 0) {
      pull = pull + pull_of<V>(spec, tiling, rows, moments + c, stored, by, row);
      total = total + row;
    }
    for (int v = 0; v < V; ++v) row.d[v] *= per_number, row.dz[v] *= per_number;
    if (dx) write_dx<T, V>(spec.activation, pixels, by, gain + c, row, arrays, dx);
  }
  if (!sums) return;
  total = team_sum<kThreads>(total, tiling.lanes, tiling.slots);
  pull = team_sum<kThreads>(pull, tiling.lanes, tiling.slots);
  if (!place.taken || place.slot > 0) return;
  write_piece<V>(tiling, sums, blockIdx.x, c, total.d, total.dz);
  write_piece<V>(tiling, pulls, blockIdx.x, c, pull.d, pull.dz);
}

std::int64_t numbers_of(const Rows& rows, const Tiling& tiling) { return rows.count * rows.pixels * tiling.channels; }

// Those of `sets` sets.
std::int64_t moment_bytes(const float* moments, std::int64_t sets, const Tiling& tiling) {
  return bytes_of(moments, sets * 2 * tiling.channels);
}

Grid grid_of(const Rows& rows, const Tiling& tiling) {
  return {static_cast<unsigned>(blocks_of(rows, tiling)), static_cast<unsigned>(tiling.tiles), kThreads};
}

}  // namespace

int row_blocks(const RowGroups& groups, const NormShape& shape, Type type) {
  const Tiling tiling(shape.channels, pack_of(type, shape.channels));
  return blocks_of(rows_of(groups, shape, tiling), tiling);
}

void normalize_rows(Stream stream, const math::NormSpec& spec, const RowGroups& groups, const NormShape& shape, Array x, const float* gain,
                    const float* bias, Array y, float* moments) {
  with_pack(x.type, shape.channels, [&](auto element, auto pack) {
    using T = decltype(element);
    const Tiling tiling(shape.channels, pack());
    const Rows rows = rows_of(groups, shape, tiling);
    const std::int64_t numbers = numbers_of(rows, tiling);
    const Work work{"normalize_each", bytes_of(x, numbers) + moment_bytes(moments, 1, tiling) + 2 * bytes_of(gain, shape.channels),
                    bytes_of(y, numbers) + moment_bytes(moments, rows.count, tiling), access_of(x.type, shape.channels)};
    if (rows.count > 0)
      launch(work, normalize_each<T, pack()>, grid_of(rows, tiling), stream, spec, tiling, rows, data_of<const T>(x), gain, bias,
             data_of<T>(y), moments);
  });
}

void normalize_rows_grad(Stream stream, const math::NormSpec& spec, const RowGroups& groups, const NormShape& shape, Array x, Array y,
                         Array dy, const float* gain, const float* moments, Array dx, float* sums, float* pulls) {
  with_pack(x.type, shape.channels, [&](auto element, auto pack) {
    using T = decltype(element);
    const Tiling tiling(shape.channels, pack());
    const Rows rows = rows_of(groups, shape, tiling);
    const GradArrays<T> arrays{data_of<const T>(x), data_of<const T>(y), data_of<const T>(dy)};
    const std::int64_t numbers = numbers_of(rows, tiling), pieces = 2 * bytes_of(sums, 2 * blocks_of(rows, tiling) * tiling.channels);
    const Work work{"grad_each",
                    bytes_of(x, numbers) + bytes_of(y, numbers) + bytes_of(dy, numbers) + moment_bytes(moments, rows.count + 1, tiling) +
                        bytes_of(gain, shape.channels),
                    bytes_of(dx, numbers) + pieces, access_of(x.type, shape.channels)};
    if (rows.count > 0)
      launch(work, grad_each<T, pack()>, grid_of(rows, tiling), stream, spec, tiling, rows, arrays, gain, moments, data_of<T>(dx), sums,
             pulls);
  });
}

}  // namespace fgan::kernels
