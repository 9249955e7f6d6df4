// Normalisation per channel and row group, two passes for the moments.
#include <cmath>

#include "base/error.h"
#include "device/naive/ops.h"

namespace fgan {
namespace {

// The elements of one channel of some rows: i = first, first + step, ... below end.
struct Strand {
  std::int64_t first, end, step;
  double count() const { return static_cast<double>((end - first + step - 1) / step); }
};

Strand strand(const Shape& s, const RowGroup& rows, std::int64_t channel) {
  return {rows.first * s.example() + channel, (rows.first + rows.count) * s.example(), s.c};
}

struct Moments {
  double mean, variance;
};

Moments moments_of(const float* x, const Strand& s) {
  double sum = 0, squares = 0;
  for (std::int64_t i = s.first; i < s.end; i += s.step) sum += x[i];
  const double mean = sum / s.count();
  for (std::int64_t i = s.first; i < s.end; i += s.step) squares += (x[i] - mean) * (x[i] - mean);
  return {mean, squares / s.count()};
}

}  // namespace

void NaiveOps::normalize(Queue&, const NormSpec& spec, Groups groups, In x, In gain, In bias, Out y, Out moments) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(x.shape == y.shape && gain.shape.count() == channels && bias.shape.count() == channels, "normalize of {}", to_string(x.shape));
  FGAN_CHECK(spec.statistics != Statistics::batch || x.data != y.data, "batch statistics cannot work in place");
  const RowGroup all{0, x.shape.n, Role::reference};
  if (spec.statistics != Statistics::batch) groups = Groups(&all, 1);
  float* m = floats(moments);
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::int64_t c = 0; c < channels; ++c) {
      const Strand s = strand(x.shape, groups[g], c);
      const std::int64_t at = static_cast<std::int64_t>(g) * 2 * channels + c;
      Moments used{0, 1 - static_cast<double>(spec.epsilon)};
      if (spec.statistics == Statistics::given) used = {m[at], m[at + channels]};
      if (spec.statistics == Statistics::batch) {
        used = moments_of(floats(x), s);
        m[at] = static_cast<float>(used.mean);
        m[at + channels] = static_cast<float>(used.variance);
      }
      const double scale = floats(gain)[c] / std::sqrt(used.variance + spec.epsilon);
      for (std::int64_t i = s.first; i < s.end; i += s.step)
        floats(y)[i] = static_cast<float>(math::value(spec.activation, scale * (floats(x)[i] - used.mean) + floats(bias)[c]));
    }
}

// With d = dy * slope(y), z = (x - mean) / sd and averages over the group:  dx = gain / sd * (d - mean(d) - z * mean(d z)).
void NaiveOps::normalize_grad(Queue&, const NormSpec& spec, Groups groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain,
                              Out dbias) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(spec.statistics != Statistics::given, "normalize_grad knows statistics batch and none");
  FGAN_CHECK(static_cast<bool>(dgain) == static_cast<bool>(dbias), "dgain and dbias are wanted together or not at all");
  const bool batch = spec.statistics == Statistics::batch;
  const RowGroup all{0, x.shape.n, Role::reference};
  if (!batch) groups = Groups(&all, 1);
  for (std::int64_t c = 0; c < channels; ++c) {
    double gain_sum = 0, bias_sum = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const Strand s = strand(x.shape, groups[g], c);
      const std::int64_t at = static_cast<std::int64_t>(g) * 2 * channels + c;
      const double mean = batch ? floats(moments)[at] : 0.0f, variance = batch ? floats(moments)[at + channels] : 1 - spec.epsilon;
      const double per_sd = batch ? 1 / std::sqrt(variance + spec.epsilon) : 1.0;
      const auto slope = [&](std::int64_t i) {
        return floats(dy)[i] * math::slope_from_output(spec.activation, static_cast<double>(floats(y)[i]));
      };
      const auto z = [&](std::int64_t i) { return (floats(x)[i] - mean) * per_sd; };
      double sum = 0, sum_z = 0;
      for (std::int64_t i = s.first; i < s.end; i += s.step) {
        sum += slope(i);
        sum_z += slope(i) * z(i);
      }
      gain_sum += sum_z;
      bias_sum += sum;
      const double average = batch ? sum / s.count() : 0, average_z = batch ? sum_z / s.count() : 0;
      for (std::int64_t i = s.first; i < s.end && dx; i += s.step)
        floats(dx)[i] = static_cast<float>(floats(gain)[c] * per_sd * (slope(i) - average - z(i) * average_z));
    }
    if (dgain) floats(dgain)[c] = static_cast<float>(gain_sum);
    if (dbias) floats(dbias)[c] = static_cast<float>(bias_sum);
  }
}

}  // namespace fgan
