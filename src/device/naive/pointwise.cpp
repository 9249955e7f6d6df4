#include <vector>

#include "device/naive/naive.h"

namespace fgan::naive {

void NaiveOps::bias_act(Queue&, const math::ActivationSpec& activation, In x, In bias, Out y) {
  const std::int64_t c = x.shape.c;
  for (std::int64_t i = 0; i < x.shape.count(); ++i) {
    const double shifted = static_cast<double>(floats(x)[i]) + (bias ? floats(bias)[i % c] : 0.0f);
    writable(y)[i] = static_cast<float>(math::value(activation, shifted));
  }
}

void NaiveOps::bias_act_grad(Queue&, const math::ActivationSpec& activation, In y, In dy, Out dx, Out dbias) {
  const std::int64_t c = y.shape.c;
  std::vector<double> sums(static_cast<std::size_t>(c), 0.0);
  for (std::int64_t i = 0; i < y.shape.count(); ++i) {
    const double gradient = floats(dy)[i] * math::slope_from_output(activation, static_cast<double>(floats(y)[i]));
    sums[static_cast<std::size_t>(i % c)] += gradient;
    writable(dx)[i] = static_cast<float>(gradient);
  }
  if (!dbias) return;
  for (std::int64_t i = 0; i < c; ++i) writable(dbias)[i] = static_cast<float>(sums[static_cast<std::size_t>(i)]);
}

void NaiveOps::noise(Queue&, Noise kind, std::uint64_t seed, math::Purpose purpose, In counter, Out y) {
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const std::int64_t width = y.shape.example();
  for (std::int64_t row = 0; row < y.shape.n; ++row)
    for (std::int64_t e = 0; e < width; ++e) {
      const auto r = static_cast<std::uint32_t>(row), element = static_cast<std::uint32_t>(e);
      writable(y)[row * width + e] = kind == Noise::normal ? math::normal(seed, purpose, step, r, element)
                                                           : 2 * math::uniform(seed, purpose, step, r, element) - 1;
    }
}

void NaiveOps::pixels_in(Queue&, In pixels, float scale, float shift, Out y) {
  const auto* p = static_cast<const std::uint8_t*>(pixels.data);
  for (std::int64_t i = 0; i < y.shape.count(); ++i) writable(y)[i] = static_cast<float>(static_cast<double>(scale) * p[i] + shift);
}

void NaiveOps::pixels_out(Queue&, In x, float scale, float shift, Out pixels) {
  auto* p = static_cast<std::uint8_t*>(pixels.data);
  for (std::int64_t i = 0; i < x.shape.count(); ++i) {
    const double value = (static_cast<double>(floats(x)[i]) - shift) / scale;
    p[i] = value >= 254.5 ? 255 : value > 0 ? static_cast<std::uint8_t>(value + 0.5) : 0;   // NaN becomes 0
  }
}

void NaiveOps::copy(Queue&, In x, Out y) {
  const auto* from = static_cast<const std::byte*>(x.data);
  for (std::size_t i = 0; i < x.bytes(); ++i) static_cast<std::byte*>(y.data)[i] = from[i];
}

void NaiveOps::add_to_counter(Queue&, std::int64_t amount, Out counter) { *static_cast<std::int64_t*>(counter.data) += amount; }

}  // namespace fgan::naive
