// Normalisation with its activation: one sweep for the moments of a group, one to apply them.
#include <cmath>

#include "base/error.h"
#include "device/cpu/moments.h"
#include "device/cpu/ops.h"
#include "device/cpu/virtual_batch.h"

namespace fgan {
namespace {

float per_sd(float variance, float epsilon) {
  return static_cast<float>(1 / std::sqrt(static_cast<double>(variance) + static_cast<double>(epsilon)));
}

// Per-channel numbers for every lane.
struct Lanes {
  float *mean, *scale, *shift;
  Lanes(float* at, std::int64_t lanes) : mean(at), scale(at + lanes), shift(at + 2 * lanes) {}
};

template <class T, class A>
void apply(const Team& team, const WideRows& rows, const Lanes& l, A activation, const T* x, T* y) {
  rows.each(team, [=](std::int64_t at, std::int64_t count) {
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j)
      y[at + j] = math::from_float<T>(activation.value((math::to_float(x[at + j]) - l.mean[j]) * l.scale[j] + l.shift[j]));
  });
}

}  // namespace

void CpuOps::normalize(Queue&, const NormSpec& spec, Groups groups, In x, In gain, In bias, Out y, Out moments) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && gain.shape.count() == channels && bias.shape.count() == channels,
             "normalize of {}", to_string(x.shape));
  const bool measures = measures_rows(spec.statistics);
  FGAN_CHECK(!measures || x.data != y.data, "statistics of the rows cannot work in place");
  FGAN_CHECK(!uses_reference(spec.statistics) || begins_with_reference(groups), "the first group must be the reference");
  const RowGroup all{0, x.shape.n, Role::reference};
  if (!measures) groups = Groups(&all, 1);
  for (std::size_t g = 0; g < groups.size(); ++g)
    with_type_of(x, [&]<class T>(T) {
      const std::int64_t begin = groups[g].first * x.shape.example();
      const T* from = numbers<T>(x) + begin;
      T* to = numbers<T>(y) + begin;
      if (spec.statistics == Statistics::virtual_batch && g > 0)
        return normalize_virtual(team_, partials_, spec, virtual_rows(groups, g, x.shape, f32(moments)), from, f32(gain), f32(bias), to);
      const WideRows rows(groups[g].count * x.shape.h * x.shape.w, channels);
      const std::int64_t set = spec.statistics == Statistics::batch ? static_cast<std::int64_t>(g) : 0;
      float* mean_of = spec.statistics == Statistics::none ? nullptr : f32(moments) + set * 2 * channels;
      if (measures && (g == 0 || spec.statistics == Statistics::batch))
        channel_moments(team_, rows, from, partials_, mean_of, mean_of + channels);
      wide_.reserve(static_cast<std::size_t>(3 * rows.lanes()) * sizeof(float));
      const Lanes l(wide_.floats(), rows.lanes());
      rows.fill_lanes(l.mean, [&](std::int64_t c) { return mean_of ? mean_of[c] : 0.0f; });
      rows.fill_lanes(l.scale,
                      [&](std::int64_t c) { return f32(gain)[c] * (mean_of ? per_sd(mean_of[channels + c], spec.epsilon) : 1.0f); });
      rows.fill_lanes(l.shift, [&](std::int64_t c) { return f32(bias)[c]; });
      with_activation(spec.activation, [&](auto activation) { apply(team_, rows, l, activation, from, to); });
    });
}

}  // namespace fgan
