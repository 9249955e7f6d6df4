// One update of any optimiser: a sweep for the gradient's norm, a sweep that updates weights, moments and average together.
#include <vector>

#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

// Sum of g^2 in double, in an order that does not depend on the number of threads.
double squared_norm(const Team& team, const float* g, std::int64_t count, std::vector<double>& partial) {
  partial.assign(static_cast<std::size_t>(count / Team::kBlock + 1), 0.0);
  team.blocks(count, [&](std::int64_t begin, std::int64_t end) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = begin; i < end; ++i) sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    partial[static_cast<std::size_t>(begin / Team::kBlock)] = sum;
  });
  double sum = 0;
  for (const double part : partial) sum += part;
  return sum;
}

struct Blocks {
  float *w, *m, *s, *average;
  math::Bf16* rounded;
  const float* g;
  std::int64_t count;
  float decay, scale;  // scale: of the gradient, below 1 where it is clipped
};

// After the update of one block, while it is in the cache.
void average_weights(const Blocks& b, std::int64_t begin, std::int64_t end) {
  if (b.average == nullptr || !(b.decay > 0)) return;
  const float keep = b.decay, take = static_cast<float>(1 - static_cast<double>(b.decay));
  float *average = b.average, *w = b.w;
#pragma omp simd
  for (std::int64_t i = begin; i < end; ++i) average[i] = keep * average[i] + take * w[i];
}

void round_weights(const Blocks& b, std::int64_t begin, std::int64_t end) {
  if (b.rounded == nullptr) return;
#pragma omp simd
  for (std::int64_t i = begin; i < end; ++i) b.rounded[i] = math::to_bf16(b.w[i]);
}

template <math::OptimizerKind kKind>
void update(const Team& team, const math::UpdateConstants<float>& constants, const Blocks& b) {
  team.blocks(b.count, [=](std::int64_t begin, std::int64_t end) {
    float *w = b.w, *m = b.m, *s = math::keeps_second(kKind) ? b.s : b.m;
    const float* g = b.g;
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      float first = m[i], second = s[i];
      w[i] -= math::update<kKind>(constants, g[i] * b.scale, first, second);
      m[i] = first;
      if constexpr (math::keeps_second(kKind)) s[i] = second;
    }
    average_weights(b, begin, end);
    round_weights(b, begin, end);
  });
}

}  // namespace

void CpuOps::optimizer_step(Queue&, const math::OptimizerSpec& spec, const OptimizerBlocks& blocks, Out counters) {
  auto* counter = static_cast<std::int64_t*>(counters.data);
  Blocks b{f32(blocks.weights),
           f32(blocks.first),
           f32(blocks.second),
           f32(blocks.average),
           numbers<math::Bf16>(blocks.rounded),
           f32(blocks.gradient),
           blocks.weights.shape.count(),
           static_cast<float>(spec.average_decay),
           1};
  FGAN_CHECK(blocks.gradient.shape.count() == b.count && b.m && (!math::keeps_second(spec.kind) || b.s), "optimiser blocks of {}", b.count);
  const math::Clipping clipping = math::clipping(spec, squared_norm(team_, b.g, b.count, partial_sums_));
  const auto constants = math::update_constants<float>(spec, counter[static_cast<int>(OptimizerCounter::updates)]);
  math::count_update(clipping, counter);
  if (clipping.skip) return;
  b.scale = static_cast<float>(clipping.scale);
  using enum math::OptimizerKind;
  switch (spec.kind) {
    case adam: update<adam>(team_, constants, b); break;
    case sgd: update<sgd>(team_, constants, b); break;
    case rmsprop: update<rmsprop>(team_, constants, b); break;
  }
}

}  // namespace fgan
