// One update of Adam (Kingma and Ba 2015, in PyTorch's order of operations) or SGD with PyTorch's momentum.
#include <cmath>
#include <limits>

#include "base/error.h"
#include "device/naive/ops.h"

namespace fgan {

void NaiveOps::optimizer_step(Queue&, const OptimizerSpec& spec, const OptimizerBlocks& blocks, Out counters) {
  auto* counter = static_cast<std::int64_t*>(counters.data);
  std::int64_t& updates = counter[static_cast<int>(OptimizerCounter::updates)];
  const std::int64_t count = blocks.weights.shape.count();
  const bool adam = spec.kind == OptimizerKind::adam;
  FGAN_CHECK(blocks.gradient.shape.count() == count && blocks.first && (!adam || blocks.second), "optimiser blocks of {}", count);
  float *w = floats(blocks.weights), *m = floats(blocks.first), *s = floats(blocks.second), *average = floats(blocks.average);
  const float* gradient = floats(blocks.gradient);
  double square = 0;
  for (std::int64_t i = 0; i < count; ++i) square += static_cast<double>(gradient[i]) * gradient[i];
  const bool clipped = spec.clip > 0 && std::sqrt(square) > spec.clip;
  const double scale = clipped ? spec.clip / std::sqrt(square) : 1;
  if (!(square * scale * scale <= static_cast<double>(std::numeric_limits<float>::max()))) {
    ++counter[static_cast<int>(OptimizerCounter::skipped)];
    return;
  }
  counter[static_cast<int>(OptimizerCounter::clipped)] += clipped;
  const double rate = math::rate_at(spec.schedule, updates) * (spec.ascend ? -1 : 1), t = static_cast<double>(updates + 1);
  const double correction1 = 1 - std::pow(spec.beta1, t), correction2 = 1 - std::pow(spec.beta2, t), decay = spec.average_decay;
  for (std::int64_t i = 0; i < count; ++i) {
    const double g = gradient[i] * scale;
    double step;
    if (adam) {
      const double first = spec.beta1 * m[i] + (1 - spec.beta1) * g, second = spec.beta2 * s[i] + (1 - spec.beta2) * g * g;
      m[i] = static_cast<float>(first);
      s[i] = static_cast<float>(second);
      step = rate / correction1 * first / (std::sqrt(second) / std::sqrt(correction2) + spec.epsilon);
    } else {
      const double first = spec.momentum * m[i] + g;
      m[i] = static_cast<float>(first);
      step = rate * first;
    }
    w[i] = static_cast<float>(w[i] - step);
    if (average != nullptr && decay > 0) average[i] = static_cast<float>(decay * average[i] + (1 - decay) * w[i]);
  }
  ++updates;
}

}  // namespace fgan
