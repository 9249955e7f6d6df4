// One update of any optimiser in double: the norm of the gradient, then every weight by itself.
#include <algorithm>
#include <cmath>
#include <limits>

#include "device/naive/ops.h"

namespace fgan {
namespace {

Numbers gradient_of(const OptimizerBlocks& blocks) {
  Numbers gradient = read(blocks.gradient);
  for (const Slice& slice : blocks.rounded_gradients) {
    const Numbers rounded = read({floats(blocks.gradient) + slice.first, {1, 1, 1, slice.end - slice.first}, DType::bf16});
    std::copy(rounded.begin(), rounded.end(), gradient.begin() + slice.first);
  }
  return gradient;
}

double update(math::OptimizerKind kind, const math::UpdateConstants<double>& c, double g, double& first, double& second) {
  using enum math::OptimizerKind;
  switch (kind) {
    case adam: return math::update<adam>(c, g, first, second);
    case sgd: return math::update<sgd>(c, g, first, second);
    case rmsprop: return math::update<rmsprop>(c, g, first, second);
  }
  throw std::logic_error("unhandled optimiser");
}

}  // namespace

void NaiveOps::optimizer_step(Queue&, const math::OptimizerSpec& spec, const OptimizerBlocks& blocks, Out counters) {
  auto* counter = static_cast<std::int64_t*>(counters.data);
  std::int64_t& updates = counter[static_cast<int>(OptimizerCounter::updates)];
  const std::int64_t count = blocks.weights.shape.count();
  const bool two = math::keeps_second(spec.kind);
  FGAN_CHECK(blocks.gradient.shape.count() == count && blocks.first && (!two || blocks.second), "optimiser blocks of {}", count);
  float *w = floats(blocks.weights), *m = floats(blocks.first), *s = floats(blocks.second), *average = floats(blocks.average);
  const Numbers gradient = gradient_of(blocks);
  double square = 0;
  for (const double g : gradient) square += g * g;
  const bool clipped = spec.clip > 0 && std::sqrt(square) > spec.clip;
  const double scale = clipped ? spec.clip / std::sqrt(square) : 1;
  if (!(square * scale * scale <= static_cast<double>(std::numeric_limits<float>::max()))) {
    ++counter[static_cast<int>(OptimizerCounter::skipped)];
    ++counter[static_cast<int>(OptimizerCounter::skipped_in_a_row)];
    return;
  }
  counter[static_cast<int>(OptimizerCounter::clipped)] += clipped;
  counter[static_cast<int>(OptimizerCounter::skipped_in_a_row)] = 0;
  const auto constants = math::update_constants<double>(spec, updates);
  const double decay = spec.average_decay;
  for (std::int64_t i = 0; i < count; ++i) {
    double first = m[i], second = two ? s[i] : 0;
    w[i] = static_cast<float>(w[i] - update(spec.kind, constants, gradient[static_cast<std::size_t>(i)] * scale, first, second));
    m[i] = static_cast<float>(first);
    if (two) s[i] = static_cast<float>(second);
    if (average != nullptr && decay > 0) average[i] = static_cast<float>(decay * average[i] + (1 - decay) * w[i]);
  }
  if (blocks.rounded) write(read(blocks.weights), blocks.rounded);
  ++updates;
}

}  // namespace fgan
