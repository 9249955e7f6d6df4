// One update of any optimiser: a sweep for the gradient's norm, a sweep that updates weights, moments and average together.
#include <algorithm>
#include <span>
#include <vector>

#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

// A flat gradient, of which some slices are bf16 (OptimizerBlocks), read in blocks of Team::kBlock.
class Gradient {
 public:
  Gradient(In flat, std::span<const Slice> rounded) : data_(f32(flat)), rounded_(rounded) {}

  // Elements begin .. end, in place or in `widened`.
  const float* block(std::int64_t begin, std::int64_t end, float* widened) const {
    const bool any = std::any_of(rounded_.begin(), rounded_.end(), [&](const Slice& s) { return s.first < end && begin < s.end; });
    if (!any) return data_ + begin;
    std::copy(data_ + begin, data_ + end, widened);
    for (const Slice& s : rounded_) {
      const auto* from = static_cast<const math::Bf16*>(static_cast<const void*>(data_ + s.first));
      const std::int64_t last = std::min(end, s.end);
#pragma omp simd
      for (std::int64_t i = std::max(begin, s.first); i < last; ++i) widened[i - begin] = math::to_float(from[i - s.first]);
    }
    return widened;
  }

 private:
  const float* data_;
  std::span<const Slice> rounded_;
};

// Sum of g^2 in double, in an order that does not depend on the number of threads.
double squared_norm(const Team& team, const Gradient& gradient, std::int64_t count, std::vector<double>& partial) {
  partial.assign(static_cast<std::size_t>(count / Team::kBlock + 1), 0.0);
  team.blocks(count, [&](std::int64_t begin, std::int64_t end) {
    float widened[Team::kBlock];
    const float* g = gradient.block(begin, end, widened);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < end - begin; ++i) sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    partial[static_cast<std::size_t>(begin / Team::kBlock)] = sum;
  });
  double sum = 0;
  for (const double part : partial) sum += part;
  return sum;
}

struct Blocks {
  float *w, *m, *s, *average;
  math::Bf16* rounded;
  Gradient gradient;
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
    float widened[Team::kBlock];
    const float* g = b.gradient.block(begin, end, widened);
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      float first = m[i], second = s[i];
      w[i] -= math::update<kKind>(constants, g[i - begin] * b.scale, first, second);
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
           Gradient(blocks.gradient, blocks.rounded_gradients),
           blocks.weights.shape.count(),
           static_cast<float>(spec.average_decay),
           1};
  FGAN_CHECK(blocks.gradient.shape.count() == b.count && b.m && (!math::keeps_second(spec.kind) || b.s), "optimiser blocks of {}", b.count);
  const math::Clipping clipping = math::clipping(spec, squared_norm(team_, b.gradient, b.count, partial_sums_));
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
