#include "device/cpu/moments.h"

#include "math/normalization.h"

namespace fgan {
namespace {

using math::to_float;

// One block: f32 sums about its first row, into sum and sum2.
template <class T>
void add_block(const T* x, std::int64_t rows, std::int64_t stride, std::int64_t lanes, float* sum, float* sum2) {
  std::fill(sum, sum + lanes, 0.0f);
  std::fill(sum2, sum2 + lanes, 0.0f);
  for (std::int64_t r = 1; r < rows; ++r) {
    const T* row = x + r * stride;
#pragma omp simd
    for (std::int64_t j = 0; j < lanes; ++j) {
      const float d = to_float(row[j]) - to_float(x[j]);
      sum[j] += d;
      sum2[j] += d * d;
    }
  }
}

template <class T>
void chunk_moments(const WideRows& rows, const WideRows::Chunk& k, const T* x, double* mean, double* squares, float* sum, float* sum2) {
  std::fill(mean, mean + rows.lanes(), 0.0);
  std::fill(squares, squares + rows.lanes(), 0.0);
  for (std::int64_t first = 0; first < k.rows; first += WideRows::kBlockRows) {
    const std::int64_t count = std::min(WideRows::kBlockRows, k.rows - first);
    const T* block = x + k.begin + first * rows.lanes();
    add_block(block, count, rows.lanes(), k.lanes, sum, sum2);
    const math::MergeMoments<double> merge(static_cast<double>(first), static_cast<double>(count));
    const double per_row = 1 / static_cast<double>(count);
#pragma omp simd
    for (std::int64_t j = 0; j < k.lanes; ++j) {
      const double s = static_cast<double>(sum[j]), about = static_cast<double>(sum2[j]) - s * s * per_row;
      merge(mean[j], squares[j], static_cast<double>(to_float(block[j])) + s * per_row, about > 0 ? about : about < 0 ? 0 : about);
    }
  }
}

}  // namespace

template <class T>
void channel_moments(const Team& team, const WideRows& rows, const T* x, Memory& scratch, float* mean, float* variance) {
  const std::int64_t lanes = rows.lanes(), chunks = rows.chunks(), channels = rows.channels();
  scratch.reserve(static_cast<std::size_t>((chunks * 2 * lanes + 2 * channels) * 8 + chunks * 2 * lanes * 4));
  auto* partials = static_cast<double*>(static_cast<void*>(scratch.data()));
  double *total_mean = partials + chunks * 2 * lanes, *total_squares = total_mean + channels;
  float* sums = static_cast<float*>(static_cast<void*>(total_squares + channels));
  team.each(chunks, rows.elements(), [&](std::int64_t i) {
    double* own = partials + i * 2 * lanes;
    float* block = sums + i * 2 * lanes;
    chunk_moments(rows, rows.chunk(i), x, own, own + lanes, block, block + lanes);
  });
  std::fill(total_mean, total_mean + 2 * channels, 0.0);
  double before = 0;
  for (std::int64_t i = 0; i < chunks; ++i) {
    const WideRows::Chunk k = rows.chunk(i);
    const double *m = partials + i * 2 * lanes, *s = m + lanes;
    for (std::int64_t j = 0; j < k.lanes; j += channels) {
      const math::MergeMoments<double> merge(before, static_cast<double>(k.rows));
#pragma omp simd
      for (std::int64_t c = 0; c < channels; ++c) merge(total_mean[c], total_squares[c], m[j + c], s[j + c]);
      before += static_cast<double>(k.rows);
    }
  }
  for (std::int64_t c = 0; c < channels; ++c) {
    mean[c] = static_cast<float>(total_mean[c]);
    variance[c] = static_cast<float>(total_squares[c] / before);
  }
}

template void channel_moments(const Team&, const WideRows&, const float*, Memory&, float*, float*);
template void channel_moments(const Team&, const WideRows&, const math::Bf16*, Memory&, float*, float*);

}  // namespace fgan
