// One update of Adam (Kingma and Ba 2015, in PyTorch's order of operations) or SGD with PyTorch's momentum: a sweep for the gradient's
// norm, a sweep that updates weights, moments and average together.
#include <cmath>
#include <limits>
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

void adam(const Team& team, const OptimizerSpec& spec, const Blocks& b, double rate, double t) {
  const auto f = [](double x) { return static_cast<float>(x); };
  const float b1 = f(spec.beta1), b2 = f(spec.beta2), c1 = f(1 - spec.beta1), c2 = f(1 - spec.beta2), epsilon = f(spec.epsilon);
  const float step = f(rate / (1 - std::pow(spec.beta1, t))), root = f(std::sqrt(1 - std::pow(spec.beta2, t)));
  team.blocks(b.count, [=](std::int64_t begin, std::int64_t end) {
    float *w = b.w, *m = b.m, *s = b.s;
    const float* gradient = b.g;
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      const float g = gradient[i] * b.scale;
      const float first = b1 * m[i] + c1 * g, second = b2 * s[i] + c2 * (g * g);
      m[i] = first;
      s[i] = second;
      w[i] -= step * (first / (std::sqrt(second) / root + epsilon));
    }
    average_weights(b, begin, end);
  });
}

void sgd(const Team& team, const OptimizerSpec& spec, const Blocks& b, double rate) {
  const float momentum = static_cast<float>(spec.momentum), step = static_cast<float>(rate);
  team.blocks(b.count, [=](std::int64_t begin, std::int64_t end) {
    float *w = b.w, *m = b.m;
    const float* g = b.g;
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      m[i] = momentum * m[i] + g[i] * b.scale;
      w[i] -= step * m[i];
    }
    average_weights(b, begin, end);
  });
}

}  // namespace

void CpuOps::optimizer_step(Queue&, const OptimizerSpec& spec, const OptimizerBlocks& blocks, Out counters) {
  auto* counter = static_cast<std::int64_t*>(counters.data);
  const bool is_adam = spec.kind == OptimizerKind::adam;
  Blocks b{f32(blocks.weights),
           f32(blocks.first),
           f32(blocks.second),
           f32(blocks.average),
           f32(blocks.gradient),
           blocks.weights.shape.count(),
           static_cast<float>(spec.average_decay),
           1};
  FGAN_CHECK(blocks.gradient.shape.count() == b.count && b.m && (!is_adam || b.s), "optimiser blocks of {}", b.count);
  const double square = squared_norm(team_, b.g, b.count, partial_sums_), norm = std::sqrt(square);
  const bool clipped = spec.clip > 0 && norm > spec.clip;
  const double scale = clipped ? spec.clip / norm : 1;
  if (!(square * scale * scale <= static_cast<double>(std::numeric_limits<float>::max()))) {  // nor when it is not a number
    ++counter[static_cast<int>(OptimizerCounter::skipped)];
    return;
  }
  b.scale = static_cast<float>(scale);
  counter[static_cast<int>(OptimizerCounter::clipped)] += clipped;
  std::int64_t& updates = counter[static_cast<int>(OptimizerCounter::updates)];
  const double rate = math::rate_at(spec.schedule, updates) * (spec.ascend ? -1 : 1);
  if (is_adam) adam(team_, spec, b, rate, static_cast<double>(updates + 1));
  else sgd(team_, spec, b, rate);
  ++updates;
}

}  // namespace fgan
