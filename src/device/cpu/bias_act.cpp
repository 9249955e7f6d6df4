// y = activation(x + bias) in one sweep; its gradient and the bias's in another.
#include "base/error.h"
#include "device/cpu/channels.h"
#include "device/cpu/ops.h"

namespace fgan {

void CpuOps::bias_act(Queue&, const math::ActivationSpec& spec, In x, In bias, Out y) {
  FGAN_CHECK(x.shape == y.shape && (!bias || bias.shape.count() == x.shape.c), "bias_act of {}", to_string(x.shape));
  const WideRows rows(x.shape.pixels(), x.shape.c);
  wide_.reserve(static_cast<std::size_t>(rows.lanes()) * sizeof(float));
  float* wide = wide_.floats();
  rows.fill_lanes(wide, [&](std::int64_t c) { return bias ? f32(bias)[c] : 0.0f; });
  const float* from = f32(x);
  float* to = f32(y);
  with_activation(spec, [&](auto activation) {
    rows.each(team_, [=](std::int64_t at, std::int64_t lanes) {
#pragma omp simd
      for (std::int64_t j = 0; j < lanes; ++j) to[at + j] = activation.value(from[at + j] + wide[j]);
    });
  });
}

void CpuOps::bias_act_grad(Queue&, const math::ActivationSpec& spec, In y, In dy, Out dx, Out dbias) {
  FGAN_CHECK(y.shape == dy.shape && y.shape == dx.shape && (!dbias || dbias.shape.count() == y.shape.c), "bias_act_grad of {}",
             to_string(y.shape));
  const WideRows rows(y.shape.pixels(), y.shape.c);
  wide_.reserve(static_cast<std::size_t>(rows.channels()) * sizeof(double));
  auto* sums = static_cast<double*>(static_cast<void*>(wide_.data()));
  const float *out = f32(y), *above = f32(dy);
  float* to = f32(dx);
  with_activation(spec, [&](auto activation) {
    if (!dbias) {
      rows.each(team_, [=](std::int64_t at, std::int64_t lanes) {
#pragma omp simd
        for (std::int64_t j = 0; j < lanes; ++j) to[at + j] = above[at + j] * activation.slope_from_output(out[at + j]);
      });
      return;
    }
    rows.sum<1>(team_, partials_, sums, [=](std::int64_t at, std::int64_t lanes, float* sum) {
#pragma omp simd
      for (std::int64_t j = 0; j < lanes; ++j) {
        const float d = above[at + j] * activation.slope_from_output(out[at + j]);
        to[at + j] = d;
        sum[j] += d;
      }
    });
    for (std::int64_t c = 0; c < rows.channels(); ++c) f32(dbias)[c] = static_cast<float>(sums[c]);
  });
}

}  // namespace fgan
