// y = activation(x + bias) in one sweep; its gradient and the bias's in another.
#include "base/error.h"
#include "device/cpu/channels.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

using math::to_float, math::from_float;

template <class T, class A>
void apply(const Team& team, const WideRows& rows, A activation, const T* x, const float* bias, T* y) {
  rows.each(team, [=](std::int64_t at, std::int64_t lanes) {
#pragma omp simd
    for (std::int64_t j = 0; j < lanes; ++j) y[at + j] = from_float<T>(activation.value(to_float(x[at + j]) + bias[j]));
  });
}

template <class T, class A>
void apply_slope(const Team& team, const WideRows& rows, A activation, const T* y, const T* dy, T* dx) {
  rows.each(team, [=](std::int64_t at, std::int64_t lanes) {
#pragma omp simd
    for (std::int64_t j = 0; j < lanes; ++j)
      dx[at + j] = from_float<T>(to_float(dy[at + j]) * activation.slope_from_output(to_float(y[at + j])));
  });
}

// sums: of dx, per channel
template <class T, class A>
void apply_slope_and_sum(const Team& team, const WideRows& rows, A activation, const T* y, const T* dy, T* dx, Memory& scratch,
                         double* sums) {
  rows.sum<1>(team, scratch, sums, [=](std::int64_t at, std::int64_t lanes, float* sum) {
#pragma omp simd
    for (std::int64_t j = 0; j < lanes; ++j) {
      const float d = to_float(dy[at + j]) * activation.slope_from_output(to_float(y[at + j]));
      dx[at + j] = from_float<T>(d);
      sum[j] += d;
    }
  });
}

}  // namespace

void CpuOps::bias_act(Queue&, const math::ActivationSpec& spec, In x, In bias, Out y) {
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && (!bias || bias.shape.count() == x.shape.c), "bias_act of {}", to_string(x.shape));
  const WideRows rows(x.shape.pixels(), x.shape.c);
  wide_.reserve(static_cast<std::size_t>(rows.lanes()) * sizeof(float));
  float* wide = wide_.floats();
  rows.fill_lanes(wide, [&](std::int64_t c) { return bias ? f32(bias)[c] : 0.0f; });
  with_type_of(x, [&]<class T>(T) {
    with_activation(spec, [&](auto activation) { apply(team_, rows, activation, numbers<T>(x), wide, numbers<T>(y)); });
  });
}

void CpuOps::bias_act_grad(Queue&, const math::ActivationSpec& spec, In y, In dy, Out dx, Out dbias) {
  FGAN_CHECK(y.shape == dy.shape && y.shape == dx.shape && (!dbias || dbias.shape.count() == y.shape.c), "bias_act_grad of {}",
             to_string(y.shape));
  FGAN_CHECK(y.dtype == dy.dtype && y.dtype == dx.dtype, "bias_act_grad of {} in several types", to_string(y.shape));
  const WideRows rows(y.shape.pixels(), y.shape.c);
  wide_.reserve(static_cast<std::size_t>(rows.channels()) * sizeof(double));
  auto* sums = static_cast<double*>(static_cast<void*>(wide_.data()));
  with_type_of(y, [&]<class T>(T) {
    with_activation(spec, [&](auto activation) {
      if (!dbias) return apply_slope(team_, rows, activation, numbers<T>(y), numbers<T>(dy), numbers<T>(dx));
      apply_slope_and_sum(team_, rows, activation, numbers<T>(y), numbers<T>(dy), numbers<T>(dx), partials_, sums);
    });
  });
  for (std::int64_t c = 0; dbias && c < rows.channels(); ++c) f32(dbias)[c] = static_cast<float>(sums[c]);
}

}  // namespace fgan
