// Batch normalisation per row group and channel, with the gradient through mean and variance:
//   dx = gain / s * (g - mean(g) - xhat mean(g xhat)),  g = dy * activation',  xhat = (x - mean) / s,  s = sqrt(variance + epsilon)
#include <cmath>

#include "device/naive/naive.h"

namespace fgan::naive {
namespace {

// The rows of one group as [pixels, c].
struct Block {
  std::int64_t first, count, c;
  std::int64_t at(std::int64_t pixel, std::int64_t channel) const { return (first + pixel) * c + channel; }
};

Block block_of(const RowGroup& group, const Shape& shape) {
  const std::int64_t pixels = shape.h * shape.w;
  return {group.first * pixels, group.count * pixels, shape.c};
}

struct Moments {
  double mean = 0, variance = 0;
};

Moments measure(const Block& block, const float* x, std::int64_t channel) {
  Moments m;
  for (std::int64_t i = 0; i < block.count; ++i) m.mean += x[block.at(i, channel)];
  m.mean /= static_cast<double>(block.count);
  for (std::int64_t i = 0; i < block.count; ++i) {
    const double d = x[block.at(i, channel)] - m.mean;
    m.variance += d * d;
  }
  m.variance /= static_cast<double>(block.count);
  return m;
}

}  // namespace

void NaiveOps::normalize(Queue&, const NormSpec& spec, Groups groups, In x, In gain, In bias, Out y, Out moments) {
  const std::int64_t c = x.shape.c;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Block block = block_of(groups[g], x.shape);
    for (std::int64_t channel = 0; channel < c; ++channel) {
      Moments m{0, 1.0 - static_cast<double>(spec.epsilon)};
      if (spec.statistics != Statistics::none) {
        float* stored = writable(moments) + (spec.statistics == Statistics::given ? 0 : static_cast<std::int64_t>(g)) * 2 * c + channel;
        if (spec.statistics == Statistics::batch) {
          m = measure(block, floats(x), channel);
          stored[0] = static_cast<float>(m.mean);
          stored[c] = static_cast<float>(m.variance);
        } else {
          m = {stored[0], stored[c]};
        }
      }
      const double scale = floats(gain)[channel] / std::sqrt(m.variance + static_cast<double>(spec.epsilon));
      for (std::int64_t i = 0; i < block.count; ++i) {
        const std::int64_t at = block.at(i, channel);
        writable(y)[at] = static_cast<float>(math::value(spec.activation, scale * (floats(x)[at] - m.mean) + floats(bias)[channel]));
      }
    }
  }
}

void NaiveOps::normalize_grad(Queue&, const NormSpec& spec, Groups groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain, Out dbias) {
  const std::int64_t c = x.shape.c;
  for (std::int64_t channel = 0; channel < c; ++channel) {
    double gain_gradient = 0, bias_gradient = 0;
    for (std::size_t group = 0; group < groups.size(); ++group) {
      const Block block = block_of(groups[group], x.shape);
      const bool batch = spec.statistics == Statistics::batch;
      const float* stored = batch ? floats(moments) + static_cast<std::int64_t>(group) * 2 * c + channel : nullptr;
      const double mean = batch ? stored[0] : 0, s = batch ? std::sqrt(stored[c] + static_cast<double>(spec.epsilon)) : 1;
      const auto gradient = [&](std::int64_t at) {
        return floats(dy)[at] * math::slope_from_output(spec.activation, static_cast<double>(floats(y)[at]));
      };
      double sum = 0, sum_xhat = 0;
      for (std::int64_t i = 0; i < block.count; ++i) {
        const std::int64_t at = block.at(i, channel);
        sum += gradient(at);
        sum_xhat += gradient(at) * (floats(x)[at] - mean) / s;
      }
      gain_gradient += sum_xhat;
      bias_gradient += sum;
      if (!dx) continue;
      const double n = static_cast<double>(block.count);
      for (std::int64_t i = 0; i < block.count; ++i) {
        const std::int64_t at = block.at(i, channel);
        const double xhat = (floats(x)[at] - mean) / s;
        const double centred = batch ? gradient(at) - sum / n - xhat * sum_xhat / n : gradient(at);
        writable(dx)[at] = static_cast<float>(floats(gain)[channel] / s * centred);
      }
    }
    if (dgain) writable(dgain)[channel] = static_cast<float>(gain_gradient);
    if (dbias) writable(dbias)[channel] = static_cast<float>(bias_gradient);
  }
}

}  // namespace fgan::naive
