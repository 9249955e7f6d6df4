// Groups of rows that share their moments: all Statistics but virtual_batch, and its reference.
#include "kernels/normalize.h"

#include <algorithm>

#include "kernels/normalize.cuh"
#include "kernels/normalize_rows.h"

namespace fgan::kernels {
namespace {

// Pixels of one group.
struct Part {
  std::int64_t first, pixels;
  int set;              // of moments
  int lost_from, lost;  // the pieces whose sum its dx loses, as an average
  float per_pixel;
};
struct Parts {
  Part at[RowGroups::kMost];
  int count;

  // Without indexing by a number that a thread computes: that would copy the kernel's argument to each thread's local memory.
  FGAN_HD Part get(int part) const { return part == 0 ? at[0] : part == 1 ? at[1] : at[2]; }
};

// Blocks in y are (part, tile).
struct Place {
  int part;
  Seat seat;
};
template <int V>
__device__ Place place(const Tiling& tiling) {
  const unsigned tiles = static_cast<unsigned>(tiling.tiles);
  return {static_cast<int>(blockIdx.y / tiles), seat<V>(tiling, blockIdx.y % tiles)};
}

// This block's share of a part's pixels, and of them this thread's.
__device__ Strand own_strand(const Tiling& tiling, const Part& part, const Seat& seat) {
  const Share share = share_of(part.pixels, static_cast<int>(gridDim.x), static_cast<int>(blockIdx.x));
  if (!seat.taken) return {0, 0, 0};
  return strand(tiling, seat.channel, part.first + share.begin, share.count, seat.slot, tiling.slots);
}

// Mean and sum of squares about it, of every channel over shares of each part: pieces [parts, shares, 2, channels].
//   A block of 512 threads per share, tile of 64 channels and part (channels.cuh); threads meet pairwise in shared memory.
//   Reads x once: 2 or 4 bytes per element.
template <class T, int V>
__global__ void __launch_bounds__(kThreads) measure_parts(Tiling tiling, Parts parts, const T* x, float* pieces) {
  const Place p = place<V>(tiling);
  const Sample<V> own = measure<T, V>(x, own_strand(tiling, parts.get(p.part), p.seat));
  const Sample<V> all = team_sum<kThreads>(own, tiling.lanes, tiling.slots);
  if (!p.seat.taken || p.seat.slot > 0) return;
  write_piece<V>(tiling, pieces, p.part * static_cast<std::int64_t>(gridDim.x) + blockIdx.x, p.seat.channel, all.mean, all.squares);
}

// The moments of a whole part from its pieces, for every thread of a block.
template <int V>
__device__ Sample<V> join_pieces(const Tiling& tiling, const Seat& seat, const Part& part, int shares, const float* pieces) {
  Sample<V> all{};
  for (int k = seat.slot; k < shares && seat.taken; k += tiling.slots) {
    Sample<V> piece;
    piece.count = static_cast<float>(share_of(part.pixels, shares, k).count);
    read_piece<V>(tiling, pieces, static_cast<std::int64_t>(part.set) * shares + k, seat.channel, piece.mean, piece.squares);
    all = all + piece;
  }
  return team_sum<kThreads>(all, tiling.lanes, tiling.slots);
}

// y = activation(gain * (x - mean) / sd + bias).
//   shares > 0: the moments are joined from that many pieces of the part that is the set, which writes them; else they are read, or z = x.
//   A block per share of a part's pixels (any number), tile and part.  Reads x and writes y: 4 or 8 bytes per element, and a block
//   reads 512 bytes for every piece.
template <class T, int V>
__global__ void __launch_bounds__(kThreads, 2)
    normalize_parts(math::NormSpec spec, Tiling tiling, Parts parts, int shares, const float* pieces, const T* x, const float* gain,
                    const float* bias, T* y, float* moments) {
  const Place p = place<V>(tiling);
  const Part part = parts.get(p.part);
  const std::int64_t c = p.seat.channel;
  float* stored = moments ? moments + part.set * 2 * tiling.channels + c : nullptr;
  Standard<V> by{};
  if (shares > 0) {
    const Sample<V> all = join_pieces<V>(tiling, p.seat, parts.get(part.set), shares, pieces);
    const bool writes = part.set == p.part && blockIdx.x == 0 && p.seat.slot == 0 && p.seat.taken;
    for (int v = 0; v < V; ++v) {
      const float variance = all.squares[v] / all.count;
      by.mean[v] = all.mean[v];
      by.per_sd[v] = math::per_deviation(variance, spec.epsilon);
      if (writes) stored[v] = by.mean[v], stored[tiling.channels + v] = variance;
    }
  } else if (p.seat.taken) {
    by = standard<V>(spec, tiling, stored);
  }
  if (p.seat.taken) normalize_pixels<T, V>(spec.activation, own_strand(tiling, part, p.seat), by, gain + c, bias + c, x, y);
}

// Sums of d = dy * slope(y) and of d z over shares of each part: pieces [parts, shares, 2, channels].
//   As measure_parts; reads x, y and dy: 6 or 12 bytes per element.
template <class T, int V>
__global__ void __launch_bounds__(kThreads)
    sum_parts(math::NormSpec spec, Tiling tiling, Parts parts, GradArrays<T> arrays, const float* moments, float* pieces) {
  const Place p = place<V>(tiling);
  const Part part = parts.get(p.part);
  Slopes<V> sums{};
  if (p.seat.taken) {
    const float* stored = moments ? moments + part.set * 2 * tiling.channels + p.seat.channel : nullptr;
    sums = sum_slopes<2, T, V>(spec.activation, own_strand(tiling, part, p.seat), standard<V>(spec, tiling, stored), arrays);
  }
  sums = team_sum<kThreads>(sums, tiling.lanes, tiling.slots);
  if (!p.seat.taken || p.seat.slot > 0) return;
  write_piece<V>(tiling, pieces, p.part * static_cast<std::int64_t>(gridDim.x) + blockIdx.x, p.seat.channel, sums.d, sums.dz);
}

// dx = gain / sd * (d - average d - z * average d z), averages of what the part's pieces say; dgain and dbias: the sum of all pieces.
//   As normalize_parts; the first block of a tile sums up dgain and dbias too.  Reads x, y, dy and writes dx: 8 or 16 bytes per
//   element, and 512 for every piece of a block.  dx may be null (then one share is enough), dgain and dbias too.
template <class T, int V>
__global__ void __launch_bounds__(kThreads, 2)
    grad_parts(math::NormSpec spec, Tiling tiling, Parts parts, int count, const float* pieces, GradArrays<T> arrays, const float* gain,
               const float* moments, T* dx, float* dgain, float* dbias) {
  const Place p = place<V>(tiling);
  const Part part = parts.get(p.part);
  const std::int64_t c = p.seat.channel;
  if (dgain && blockIdx.x == 0 && p.part == 0) {
    const Slopes<V> total = sum_pieces<V>(tiling, p.seat, pieces, 0, count);
    for (int v = 0; v < V && p.seat.taken && p.seat.slot == 0; ++v) dgain[c + v] = total.dz[v], dbias[c + v] = total.d[v];
  }
  if (!dx) return;
  Slopes<V> loss{};
  if (part.lost > 0) {
    loss = sum_pieces<V>(tiling, p.seat, pieces, part.lost_from, part.lost);
    for (int v = 0; v < V; ++v) loss.d[v] *= part.per_pixel, loss.dz[v] *= part.per_pixel;
  }
  if (!p.seat.taken) return;
  const float* stored = moments ? moments + part.set * 2 * tiling.channels + c : nullptr;
  write_dx<T, V>(spec.activation, own_strand(tiling, part, p.seat), standard<V>(spec, tiling, stored), gain + c, loss, arrays, dx);
}

// Shares of a part's pixels: about `blocks` blocks in all, but a thread has two pixels at least.
int shares_of(const Tiling& tiling, const Parts& parts, int blocks) {
  std::int64_t most = 0;
  for (int p = 0; p < parts.count; ++p) most = std::max(most, (parts.at[p].pixels + 2 * tiling.slots - 1) / (2 * tiling.slots));
  return static_cast<int>(std::min<std::int64_t>(most, std::max(1, blocks / (tiling.tiles * parts.count))));
}
constexpr int kToMeasure = kBlocks, kToWrite = 2 * kBlocks;

Grid grid_of(const Tiling& tiling, const Parts& parts, int shares) {
  return {static_cast<unsigned>(shares), static_cast<unsigned>(tiling.tiles * parts.count), kThreads};
}

// The groups that measure_parts and sum_parts see; `none` and `given` know no groups.
Parts parts_of(const math::NormSpec& spec, const RowGroups& groups, const NormShape& shape) {
  Parts parts{};
  if (spec.statistics == math::Statistics::none || spec.statistics == math::Statistics::given) {
    parts.at[parts.count++] = {0, shape.rows * shape.pixels, 0, 0, 0, 0};
    return parts;
  }
  parts.count = spec.statistics == math::Statistics::virtual_batch ? 1 : groups.count;
  for (int g = 0; g < parts.count; ++g) {
    const std::int64_t pixels = groups.at[g].count * shape.pixels;
    const int set = spec.statistics == math::Statistics::batch ? g : 0;
    parts.at[g] = {groups.at[g].first * shape.pixels, pixels, set, 0, 0, 1 / static_cast<float>(pixels)};
  }
  return parts;
}

std::int64_t numbers_of(const Parts& parts, const NormShape& shape) {
  std::int64_t pixels = 0;
  for (int p = 0; p < parts.count; ++p) pixels += parts.at[p].pixels;
  return pixels * shape.channels;
}

// Of pairs of numbers for each channel: moments, pieces.
std::int64_t bytes_of_pairs(const float* data, std::int64_t sets, const NormShape& shape) {
  return bytes_of(data, sets * 2 * shape.channels);
}

Parts first_of(Parts parts) {
  parts.count = 1;
  return parts;
}

}  // namespace

std::size_t normalize_scratch(const NormShape& shape) {
  const Tiling tiling(shape.channels, 1);
  const int parts = std::max(RowGroups::kMost, kToMeasure / tiling.tiles), rows = std::max(1, kToWrite / tiling.tiles);
  return static_cast<std::size_t>((parts + 2 * rows) * 2 * shape.channels) * sizeof(float);
}

void normalize(Stream stream, const math::NormSpec& spec, const RowGroups& groups, const NormShape& shape, Array x, const float* gain,
               const float* bias, Array y, float* moments, Scratch scratch) {
  const Parts parts = parts_of(spec, groups, shape);
  const Parts measured = spec.statistics == math::Statistics::batch ? parts : first_of(parts);
  const int access = access_of(x.type, shape.channels);
  const bool measures = spec.statistics != math::Statistics::none && spec.statistics != math::Statistics::given;
  with_pack(x.type, shape.channels, [&](auto element, auto pack) {
    using T = decltype(element);
    const Tiling tiling(shape.channels, pack());
    const int shares = measures ? shares_of(tiling, measured, kToMeasure) : 0;
    auto* pieces = static_cast<float*>(scratch.data);
    const std::int64_t numbers = numbers_of(parts, shape), piece_bytes = bytes_of_pairs(pieces, measured.count * shares, shape);
    const std::int64_t moment_bytes = bytes_of_pairs(moments, measured.count, shape);
    if (measures)
      launch({"measure_parts", bytes_of(x, numbers_of(measured, shape)), piece_bytes, access}, measure_parts<T, pack()>,
             grid_of(tiling, measured, shares), stream, tiling, measured, data_of<const T>(x), pieces);
    const std::int64_t read = bytes_of(x, numbers) + (measures ? piece_bytes : moment_bytes) + 2 * bytes_of(gain, shape.channels);
    launch({"normalize_parts", read, bytes_of(y, numbers) + (measures ? moment_bytes : 0), access}, normalize_parts<T, pack()>,
           grid_of(tiling, parts, shares_of(tiling, parts, kToWrite)), stream, spec, tiling, parts, shares, pieces, data_of<const T>(x),
           gain, bias, data_of<T>(y), moments);
  });
  if (spec.statistics == math::Statistics::virtual_batch) normalize_rows(stream, spec, groups, shape, x, gain, bias, y, moments);
}

void normalize_grad(Stream stream, const math::NormSpec& spec, const RowGroups& groups, const NormShape& shape, Array x, Array y, Array dy,
                    const float* gain, const float* moments, Array dx, float* dgain, float* dbias, Scratch scratch) {
  using math::Statistics;
  const bool virtual_batch = spec.statistics == Statistics::virtual_batch, held = !spec.reference_gradient;
  const bool sums = dgain || spec.statistics == Statistics::batch || (spec.statistics != Statistics::none && !held);
  auto* pieces = static_cast<float*>(scratch.data);
  const int access = access_of(x.type, shape.channels);
  // Pieces: sums of the other rows, shares of the parts, pulls of the other rows; virtual_batch alone has the first and last.
  const int rows = virtual_batch ? row_blocks(groups, shape, x.type) : 0;
  Parts parts = parts_of(spec, groups, shape);
  with_pack(x.type, shape.channels, [&](auto element, auto pack) {
    using T = decltype(element);
    const Tiling tiling(shape.channels, pack());
    const int shares = shares_of(tiling, parts, kToMeasure), all = parts.count * shares;
    const auto at = [&](int piece) { return sums ? pieces + piece * 2 * shape.channels : nullptr; };
    for (int p = 0; p < parts.count; ++p) {
      Part& part = parts.at[p];
      if (spec.statistics == Statistics::batch) part.lost_from = p * shares, part.lost = shares;
      else if (spec.statistics != Statistics::none && p == 0 && !held) part.lost_from = rows, part.lost = all + rows;
    }
    const GradArrays<T> arrays{data_of<const T>(x), data_of<const T>(y), data_of<const T>(dy)};
    const std::int64_t numbers = numbers_of(parts, shape), moment_bytes = bytes_of_pairs(moments, parts.at[parts.count - 1].set + 1, shape);
    const std::int64_t read = bytes_of(x, numbers) + bytes_of(y, numbers) + bytes_of(dy, numbers) + moment_bytes;
    if (sums)
      launch({"sum_parts", read, bytes_of_pairs(pieces, all, shape), access}, sum_parts<T, pack()>, grid_of(tiling, parts, shares), stream,
             spec, tiling, parts, arrays, moments, at(rows));
    if (virtual_batch) normalize_rows_grad(stream, spec, groups, shape, x, y, dy, gain, moments, dx, at(0), at(rows + all));
    const int written = dx.data ? shares_of(tiling, parts, kToWrite) : 1;
    const std::int64_t piece_bytes = sums ? bytes_of_pairs(pieces, rows + all, shape) : 0;
    const Work work{"grad_parts", piece_bytes + (dx.data ? read + bytes_of(gain, shape.channels) : 0),
                    bytes_of(dx, numbers) + 2 * bytes_of(dgain, shape.channels), access};
    launch(work, grad_parts<T, pack()>, grid_of(tiling, parts, written), stream, spec, tiling, parts, rows + all, pieces, arrays, gain,
           moments, data_of<T>(dx), dgain, dbias);
  });
}

}  // namespace fgan::kernels
