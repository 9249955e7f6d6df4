// Gradient of normalisation with its activation, two sweeps.  With d = dy * slope(y), z = (x - mean) / sd and averages over the group:
//   statistics batch:  dx = gain / sd * (d - average(d) - z * average(d z)),   none:  dx = gain * d;
//   dgain = sum of d z,  dbias = sum of d  (z = x without statistics).
// A reference group is done last and as a batch, but to its two sums comes the pull of all rows that its moments normalise: with
// statistics reference their own two sums, with virtual_batch as virtual_batch.cpp says.  The other rows of statistics reference have
// no moments that move with them: dx = gain / sd * d; so have the reference's own without reference_gradient.
#include <cmath>

#include "base/error.h"
#include "device/cpu/channels.h"
#include "device/cpu/ops.h"
#include "device/cpu/virtual_batch.h"

namespace fgan {
namespace {

using math::to_float, math::from_float;

// One row group: its tensors from the group's first element on.
template <class T>
struct Group {
  WideRows rows;
  const T *x, *y, *dy;
  T* dx;
};

// Per-channel numbers for every lane.
struct Lanes {
  float *mean, *per_sd, *scale, *average, *average_z;
  Lanes(float* at, std::int64_t lanes)
      : mean(at), per_sd(at + lanes), scale(at + 2 * lanes), average(at + 3 * lanes), average_z(at + 4 * lanes) {}
  static std::size_t bytes(std::int64_t lanes) { return static_cast<std::size_t>(5 * lanes) * sizeof(float); }
};

// sums: of d, then of d z, per channel
template <class T, class A>
void sum_slopes(const Team& team, const Group<T>& g, const Lanes& l, A activation, Memory& scratch, double* sums) {
  const std::int64_t lanes = g.rows.lanes();
  g.rows.template sum<2>(team, scratch, sums, [=, x = g.x, y = g.y, dy = g.dy](std::int64_t at, std::int64_t count, float* sum) {
    float* sum_z = sum + lanes;
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j) {
      const float d = to_float(dy[at + j]) * activation.slope_from_output(to_float(y[at + j]));
      sum[j] += d;
      sum_z[j] += d * ((to_float(x[at + j]) - l.mean[j]) * l.per_sd[j]);
    }
  });
}

template <class T, class A>
void apply_moments(const Team& team, const Group<T>& g, const Lanes& l, A activation) {
  g.rows.each(team, [=, x = g.x, y = g.y, dy = g.dy, dx = g.dx](std::int64_t at, std::int64_t count) {
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j) {
      const float d = to_float(dy[at + j]) * activation.slope_from_output(to_float(y[at + j]));
      const float z = (to_float(x[at + j]) - l.mean[j]) * l.per_sd[j];
      dx[at + j] = from_float<T>(l.scale[j] * (d - l.average[j] - z * l.average_z[j]));
    }
  });
}

template <class T, class A>
void apply_scale(const Team& team, const Group<T>& g, const Lanes& l, A activation) {
  g.rows.each(team, [=, y = g.y, dy = g.dy, dx = g.dx](std::int64_t at, std::int64_t count) {
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j)
      dx[at + j] = from_float<T>(l.scale[j] * (to_float(dy[at + j]) * activation.slope_from_output(to_float(y[at + j]))));
  });
}

}  // namespace

void CpuOps::normalize_grad(Queue&, const NormSpec& spec, Groups groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain,
                            Out dbias) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(x.dtype == y.dtype && x.dtype == dy.dtype && (!dx || x.dtype == dx.dtype), "normalize_grad of {} in several types",
             to_string(x.shape));
  FGAN_CHECK(spec.statistics != Statistics::given, "normalize_grad does not know given statistics");
  FGAN_CHECK(static_cast<bool>(dgain) == static_cast<bool>(dbias), "dgain and dbias are wanted together or not at all");
  const bool batch = spec.statistics == Statistics::batch, reference = uses_reference(spec.statistics);
  FGAN_CHECK(!reference || begins_with_reference(groups), "the first group must be the reference");
  const RowGroup all{0, x.shape.n, Role::reference};
  if (!batch && !reference) groups = Groups(&all, 1);
  const std::int64_t lanes = WideRows(1, channels).lanes();
  const auto sums_bytes = static_cast<std::size_t>(2 * channels) * sizeof(double);
  wide_.reserve(3 * sums_bytes + Lanes::bytes(lanes));
  auto* sums = static_cast<double*>(static_cast<void*>(wide_.data()));  // of this group
  double *totals = sums + 2 * channels, *pull = totals + 2 * channels;  // of all groups so far; on the reference
  const Lanes l(static_cast<float*>(static_cast<void*>(pull + 2 * channels)), lanes);
  std::fill(totals, pull + 2 * channels, 0.0);
  for (std::size_t i = groups.size(); i-- > 0;) {
    const std::int64_t pixels = groups[i].count * x.shape.h * x.shape.w, begin = groups[i].first * x.shape.example();
    with_type_of(x, [&]<class T>(T) {
      const Group<T> g{WideRows(pixels, channels), numbers<T>(x) + begin, numbers<T>(y) + begin, numbers<T>(dy) + begin,
                       dx ? numbers<T>(dx) + begin : nullptr};
      if (spec.statistics == Statistics::virtual_batch && i > 0) {
        const VirtualRows rows = virtual_rows(groups, i, x.shape, f32(moments));
        return normalize_virtual_grad(team_, partials_, spec, rows, g.x, g.y, g.dy, f32(gain), g.dx, totals, pull);
      }
      const float* m = batch ? f32(moments) + static_cast<std::int64_t>(i) * 2 * channels : reference ? f32(moments) : nullptr;
      const bool through_moments = batch || (reference && i == 0 && spec.reference_gradient);
      const double epsilon = static_cast<double>(spec.epsilon), per_pixel = 1 / static_cast<double>(pixels);
      g.rows.fill_lanes(l.mean, [&](std::int64_t c) { return m ? m[c] : 0.0f; });
      g.rows.fill_lanes(l.per_sd, [&](std::int64_t c) {
        return m ? static_cast<float>(1 / std::sqrt(static_cast<double>(m[channels + c]) + epsilon)) : 1.0f;
      });
      g.rows.fill_lanes(l.scale, [&](std::int64_t c) { return f32(gain)[c] * l.per_sd[c]; });
      with_activation(spec.activation, [&](auto activation) {
        if (batch || reference || dgain) sum_slopes(team_, g, l, activation, partials_, sums);
        if (!dx) return;
        if (!through_moments) return apply_scale(team_, g, l, activation);
        g.rows.fill_lanes(l.average, [&](std::int64_t c) { return static_cast<float>((sums[c] + pull[c]) * per_pixel); });
        g.rows.fill_lanes(l.average_z,
                          [&](std::int64_t c) { return static_cast<float>((sums[channels + c] + pull[channels + c]) * per_pixel); });
        apply_moments(team_, g, l, activation);
      });
      for (std::int64_t c = 0; c < 2 * channels && dgain; ++c) totals[c] += sums[c];
      for (std::int64_t c = 0; c < 2 * channels && reference; ++c) pull[c] += sums[c];
    });
  }
  for (std::int64_t c = 0; c < channels && dgain; ++c) {
    f32(dbias)[c] = static_cast<float>(totals[c]);
    f32(dgain)[c] = static_cast<float>(totals[channels + c]);
  }
}

}  // namespace fgan
