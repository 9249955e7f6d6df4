// Adam (Kingma and Ba 2015, algorithm 1, with PyTorch's placing of epsilon) and SGD with momentum (PyTorch's form).
#include <cmath>

#include "device/naive/naive.h"

namespace fgan::naive {

void NaiveOps::optimizer_step(Queue&, const OptimizerSpec& spec, const OptimizerBlocks& blocks, Out counters) {
  auto* counter = static_cast<std::int64_t*>(counters.data);
  std::int64_t& updates = counter[static_cast<int>(OptimizerCounter::updates)];
  const std::int64_t count = blocks.gradient.shape.count();
  const float* g = floats(blocks.gradient);
  for (std::int64_t i = 0; i < count; ++i)
    if (!std::isfinite(g[i] * g[i])) {
      ++counter[static_cast<int>(OptimizerCounter::skipped)];
      return;
    }
  const double rate = math::rate_at(spec.schedule, updates) * (spec.ascend ? 1 : -1);
  const double t = static_cast<double>(++updates);
  const double correction1 = 1 - std::pow(spec.beta1, t), correction2 = std::sqrt(1 - std::pow(spec.beta2, t));
  float *w = writable(blocks.weights), *first = writable(blocks.first), *second = writable(blocks.second), *average = writable(blocks.average);
  for (std::int64_t i = 0; i < count; ++i) {
    double step = 0;
    if (spec.kind == OptimizerKind::adam) {
      first[i] = static_cast<float>(spec.beta1 * first[i] + (1 - spec.beta1) * g[i]);
      second[i] = static_cast<float>(spec.beta2 * second[i] + (1 - spec.beta2) * g[i] * g[i]);
      step = first[i] / correction1 / (std::sqrt(static_cast<double>(second[i])) / correction2 + spec.epsilon);
    } else {
      first[i] = static_cast<float>(spec.momentum * first[i] + g[i]);
      step = first[i];
    }
    w[i] = static_cast<float>(w[i] + rate * step);
    if (blocks.average) average[i] = static_cast<float>(spec.average_decay * average[i] + (1 - spec.average_decay) * w[i]);
  }
}

}  // namespace fgan::naive
