// With U = (n + 1) h w, the numbers of a row and the reference together, and sums over the row:
//   dx = gain / sd * (d - sum d / U - z * sum d z / U).
// An x of the reference takes part in every row's moments: row i adds gain / (U sd_i) (sum d + (x - mean_i) / sd_i sum d z) to its loss,
// which with x - mean_i = (x - m_r) + (m_r - mean_i) is of the form that its own sums have, at w_r = n / (n + 1) of their weight.
#include "device/cpu/virtual_batch.h"

namespace fgan {
namespace {

using math::to_float, math::from_float;

// What normalises one channel of a row.
struct Joint {
  double mean, per_sd;
};

Joint joint(const NormSpec& spec, const VirtualRows& v, std::int64_t row, std::int64_t c) {
  const float* own = v.own + row * 2 * v.channels;
  const auto moments = [&](const float* m) {
    return math::Moments<double>{static_cast<double>(m[c]), static_cast<double>(m[v.channels + c])};
  };
  const math::Moments<double> m = math::joint_moments(v.reference_rows, moments(v.reference), moments(own));
  return {m.mean, math::per_deviation(m.variance, static_cast<double>(spec.epsilon))};
}

// One row's moments in two sweeps; sums: scratch of 2 * channels.
template <class T>
void measure(const VirtualRows& v, const T* x, double* sums, float* own) {
  const std::int64_t channels = v.channels, end = v.row_elements();
  double *mean = sums, *squares = sums + channels;
  const double per_pixel = 1 / static_cast<double>(v.pixels);
  std::fill(sums, sums + 2 * channels, 0.0);
  for (std::int64_t at = 0; at < end; at += channels)
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c) mean[c] += static_cast<double>(to_float(x[at + c]));
  for (std::int64_t c = 0; c < channels; ++c) mean[c] *= per_pixel;
  for (std::int64_t at = 0; at < end; at += channels)
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c) {
      const double d = static_cast<double>(to_float(x[at + c])) - mean[c];
      squares[c] += d * d;
    }
  for (std::int64_t c = 0; c < channels; ++c) {
    own[c] = static_cast<float>(mean[c]);
    own[channels + c] = static_cast<float>(squares[c] * per_pixel);
  }
}

// Numbers of each channel, for one row.
struct RowNumbers {
  float *mean, *per_sd, *loss, *loss_z;
  RowNumbers(float* at, std::int64_t channels) : mean(at), per_sd(at + channels), loss(at + 2 * channels), loss_z(at + 3 * channels) {}
};

// Of each row: two sums in f64 and four RowNumbers in f32 a channel; all sums lie before all numbers.
struct Scratch {
  double* sums;
  float* numbers;
  std::int64_t channels;

  Scratch(Memory& memory, const VirtualRows& v) : channels(v.channels) {
    memory.reserve(static_cast<std::size_t>(v.rows * channels) * (2 * sizeof(double) + 4 * sizeof(float)));
    sums = static_cast<double*>(static_cast<void*>(memory.data()));
    numbers = static_cast<float*>(static_cast<void*>(sums + 2 * v.rows * channels));
  }
  double* sums_of(std::int64_t row) const { return sums + row * 2 * channels; }
  RowNumbers numbers_of(std::int64_t row) const { return {numbers + row * 4 * channels, channels}; }
};

template <class T, class A>
void sum_slopes(const VirtualRows& v, const RowNumbers& l, A activation, const T* x, const T* y, const T* dy, double* sums) {
  const std::int64_t channels = v.channels;
  double* sums_z = sums + channels;
  std::fill(sums, sums + 2 * channels, 0.0);
  for (std::int64_t at = 0; at < v.row_elements(); at += channels)
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c) {
      const float d = to_float(dy[at + c]) * activation.slope_from_output(to_float(y[at + c]));
      sums[c] += static_cast<double>(d);
      sums_z[c] += static_cast<double>(d * ((to_float(x[at + c]) - l.mean[c]) * l.per_sd[c]));
    }
}

template <class T, class A>
void apply(const VirtualRows& v, const RowNumbers& l, A activation, const T* x, const T* y, const T* dy, const float* gain, T* dx) {
  const std::int64_t channels = v.channels;
  for (std::int64_t at = 0; at < v.row_elements(); at += channels)
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c) {
      const float d = to_float(dy[at + c]) * activation.slope_from_output(to_float(y[at + c]));
      const float z = (to_float(x[at + c]) - l.mean[c]) * l.per_sd[c];
      dx[at + c] = from_float<T>(gain[c] * l.per_sd[c] * (d - l.loss[c] - z * l.loss_z[c]));
    }
}

// In the order of the rows, whatever the team.
void add_to_totals(const NormSpec& spec, const VirtualRows& v, const Scratch& scratch, double* totals, double* pull) {
  const double share = v.reference_rows / (v.reference_rows + 1);
  for (std::int64_t row = 0; row < v.rows; ++row)
    for (std::int64_t c = 0; c < v.channels; ++c) {
      const double d = scratch.sums_of(row)[c], dz = scratch.sums_of(row)[v.channels + c];
      totals[c] += d;
      totals[v.channels + c] += dz;
      const Joint j = joint(spec, v, row, c);
      const double variance = static_cast<double>(v.reference[v.channels + c]) + static_cast<double>(spec.epsilon);
      const double apart = (static_cast<double>(v.reference[c]) - j.mean) * j.per_sd;
      const math::SlopeSums<double> added = math::pull_on_reference(share, variance, j.per_sd, apart, {d, dz});
      pull[c] += added.d;
      pull[v.channels + c] += added.dz;
    }
}

}  // namespace

VirtualRows virtual_rows(Groups groups, std::size_t g, const Shape& x, float* moments) {
  const std::int64_t n = groups[0].count, set = 1 + groups[g].first - n;  // groups follow one another
  return {groups[g].count, x.h * x.w, x.c, static_cast<double>(n), moments, moments + set * 2 * x.c};
}

template <class T>
void normalize_virtual(const Team& team, Memory& memory, const NormSpec& spec, const VirtualRows& v, const T* x, const float* gain,
                       const float* bias, T* y) {
  const Scratch scratch(memory, v);
  const std::int64_t size = v.row_elements(), channels = v.channels;
  with_activation(spec.activation, [&](auto activation) {
    team.each(v.rows, v.rows * size, [&](std::int64_t row) {
      const T* from = x + row * size;
      T* to = y + row * size;
      measure(v, from, scratch.sums_of(row), v.own + row * 2 * channels);
      const RowNumbers l = scratch.numbers_of(row);
      for (std::int64_t c = 0; c < channels; ++c) {
        const Joint j = joint(spec, v, row, c);
        l.mean[c] = static_cast<float>(j.mean);
        l.per_sd[c] = gain[c] * static_cast<float>(j.per_sd);
      }
      for (std::int64_t at = 0; at < size; at += channels)
#pragma omp simd
        for (std::int64_t c = 0; c < channels; ++c)
          to[at + c] = from_float<T>(activation.value((to_float(from[at + c]) - l.mean[c]) * l.per_sd[c] + bias[c]));
    });
  });
}

template <class T>
void normalize_virtual_grad(const Team& team, Memory& memory, const NormSpec& spec, const VirtualRows& v, const T* x, const T* y,
                            const T* dy, const float* gain, T* dx, double* totals, double* pull) {
  const Scratch scratch(memory, v);
  const std::int64_t size = v.row_elements();
  const double per_number = 1 / ((v.reference_rows + 1) * static_cast<double>(v.pixels));
  with_activation(spec.activation, [&](auto activation) {
    team.each(v.rows, v.rows * size, [&](std::int64_t row) {
      const T *row_x = x + row * size, *row_y = y + row * size, *row_dy = dy + row * size;
      const RowNumbers l = scratch.numbers_of(row);
      double* sums = scratch.sums_of(row);
      for (std::int64_t c = 0; c < v.channels; ++c) {
        const Joint j = joint(spec, v, row, c);
        l.mean[c] = static_cast<float>(j.mean);
        l.per_sd[c] = static_cast<float>(j.per_sd);
      }
      sum_slopes(v, l, activation, row_x, row_y, row_dy, sums);
      if (!dx) return;
      for (std::int64_t c = 0; c < v.channels; ++c) {
        l.loss[c] = static_cast<float>(sums[c] * per_number);
        l.loss_z[c] = static_cast<float>(sums[v.channels + c] * per_number);
      }
      apply(v, l, activation, row_x, row_y, row_dy, gain, dx + row * size);
    });
  });
  add_to_totals(spec, v, scratch, totals, pull);
}

template void normalize_virtual(const Team&, Memory&, const NormSpec&, const VirtualRows&, const float*, const float*, const float*,
                                float*);
template void normalize_virtual(const Team&, Memory&, const NormSpec&, const VirtualRows&, const math::Bf16*, const float*, const float*,
                                math::Bf16*);
template void normalize_virtual_grad(const Team&, Memory&, const NormSpec&, const VirtualRows&, const float*, const float*, const float*,
                                     const float*, float*, double*, double*);
template void normalize_virtual_grad(const Team&, Memory&, const NormSpec&, const VirtualRows&, const math::Bf16*, const math::Bf16*,
                                     const math::Bf16*, const float*, math::Bf16*, double*, double*);

}  // namespace fgan
