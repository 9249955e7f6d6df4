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

}  // namespace

void CpuOps::normalize(Queue&, const NormSpec& spec, Groups groups, In x, In gain, In bias, Out y, Out moments) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(x.shape == y.shape && gain.shape.count() == channels && bias.shape.count() == channels, "normalize of {}", to_string(x.shape));
  const bool measures = measures_rows(spec.statistics);
  FGAN_CHECK(!measures || x.data != y.data, "statistics of the rows cannot work in place");
  FGAN_CHECK(!uses_reference(spec.statistics) || begins_with_reference(groups), "the first group must be the reference");
  const RowGroup all{0, x.shape.n, Role::reference};
  if (!measures) groups = Groups(&all, 1);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::int64_t begin = groups[g].first * x.shape.example();
    const float* from = f32(x) + begin;
    float* to = f32(y) + begin;
    if (spec.statistics == Statistics::virtual_batch && g > 0) {
      normalize_virtual(team_, partials_, spec, virtual_rows(groups, g, x.shape, f32(moments)), from, f32(gain), f32(bias), to);
      continue;
    }
    const WideRows rows(groups[g].count * x.shape.h * x.shape.w, channels);
    const std::int64_t lanes = rows.lanes(), set = spec.statistics == Statistics::batch ? static_cast<std::int64_t>(g) : 0;
    float* mean_of = spec.statistics == Statistics::none ? nullptr : f32(moments) + set * 2 * channels;
    if (measures && (g == 0 || spec.statistics == Statistics::batch))
      channel_moments(team_, rows, from, partials_, mean_of, mean_of + channels);
    wide_.reserve(static_cast<std::size_t>(3 * lanes) * sizeof(float));
    float *mean = wide_.floats(), *scale = mean + lanes, *shift = scale + lanes;
    rows.fill_lanes(mean, [&](std::int64_t c) { return mean_of ? mean_of[c] : 0.0f; });
    rows.fill_lanes(scale, [&](std::int64_t c) { return f32(gain)[c] * (mean_of ? per_sd(mean_of[channels + c], spec.epsilon) : 1.0f); });
    rows.fill_lanes(shift, [&](std::int64_t c) { return f32(bias)[c]; });
    with_activation(spec.activation, [&](auto activation) {
      rows.each(team_, [=](std::int64_t at, std::int64_t count) {
#pragma omp simd
        for (std::int64_t j = 0; j < count; ++j) to[at + j] = activation.value((from[at + j] - mean[j]) * scale[j] + shift[j]);
      });
    });
  }
}

}  // namespace fgan
