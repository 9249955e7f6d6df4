#include "kernels/optimizer.h"

#include <cstddef>

#include "kernels/each.cuh"
#include "kernels/reduce.cuh"

namespace fgan::kernels {
namespace {

using math::OptimizerCounter, math::OptimizerKind;

// What all weights share in one update: decided by one thread, read by all.
struct Plan {
  math::UpdateConstants<float> constants;
  float scale;  // of the gradient, below 1 where it is clipped
  bool skip;
};

// The scratch: a plan, and after it the sum of squares of each block.
constexpr std::size_t kSumsAt = 64;
static_assert(sizeof(Plan) <= kSumsAt && kSumsAt % alignof(double) == 0);

// sums[block] = sum of g^2 over the block's elements, in double.  One thread per element; reads g once.
__global__ void squares_kernel(std::int64_t count, const float* g, double* sums) {
  double sum = 0;
  each(count, [&](std::int64_t i) { sum += static_cast<double>(g[i]) * static_cast<double>(g[i]); });
  sum = block_sum<kBlockThreads>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// One block adds the sums of squares; its first thread decides by them and counts.
__global__ void plan_kernel(math::OptimizerSpec spec, std::int64_t sums_count, const double* sums, Plan* plan, std::int64_t* counters) {
  double squares = 0;
  each(sums_count, [&](std::int64_t i) { squares += sums[i]; });
  squares = block_sum<kBlockThreads>(squares);
  if (threadIdx.x > 0) return;
  const math::Clipping clipping = math::clipping(spec, squares);
  const std::int64_t updates = counters[static_cast<int>(OptimizerCounter::updates)];
  *plan = {math::update_constants<float>(spec, updates), static_cast<float>(clipping.scale), clipping.skip};
  math::count_update(clipping, counters);
}

// w -= update(g), average = keep average + take w, rounded = w.  One thread per element.  Reads w, g, first, second, average and writes
// all but g once: 28 bytes with adam, 8 more for the average, 2 more for the rounded copy.
template <OptimizerKind kKind>
__global__ void update_kernel(OptimizerArrays arrays, float keep, float take, const Plan* shared_plan) {
  const Plan plan = *shared_plan;
  if (plan.skip) return;
  each(arrays.count, [=](std::int64_t i) {
    float first = arrays.first[i], second = math::keeps_second(kKind) ? arrays.second[i] : 0;
    const float w = arrays.weights[i] - math::update<kKind>(plan.constants, arrays.gradient[i] * plan.scale, first, second);
    arrays.weights[i] = w;
    arrays.first[i] = first;
    if constexpr (math::keeps_second(kKind)) arrays.second[i] = second;
    if (arrays.average != nullptr) arrays.average[i] = keep * arrays.average[i] + take * w;
    if (arrays.rounded != nullptr) arrays.rounded[i] = math::to_bf16(w);
  });
}

using UpdateKernel = void (*)(OptimizerArrays, float, float, const Plan*);

UpdateKernel update_kernel_of(OptimizerKind kind) {
  if (kind == OptimizerKind::adam) return update_kernel<OptimizerKind::adam>;
  if (kind == OptimizerKind::sgd) return update_kernel<OptimizerKind::sgd>;
  return update_kernel<OptimizerKind::rmsprop>;
}

}  // namespace

std::size_t optimizer_scratch(std::int64_t count) { return kSumsAt + grid_over(count).blocks_x * sizeof(double); }

void optimizer_step(Stream stream, const math::OptimizerSpec& spec, const OptimizerArrays& arrays, std::int64_t* counters,
                    Scratch scratch) {
  const Grid grid = grid_over(arrays.count);
  auto* plan = static_cast<Plan*>(scratch.data);
  auto* sums = static_cast<double*>(static_cast<void*>(static_cast<std::byte*>(scratch.data) + kSumsAt));
  const std::int64_t gradient = bytes_of(arrays.gradient, arrays.count), sum_bytes = bytes_of(sums, grid.blocks_x);
  launch({"squares of the gradient", gradient, sum_bytes}, squares_kernel, grid, stream, arrays.count, arrays.gradient, sums);
  Grid one;
  one.threads_x = kBlockThreads;
  launch({"plan of the update", sum_bytes, sizeof(Plan)}, plan_kernel, one, stream, spec, grid.blocks_x, sums, plan, counters);
  OptimizerArrays updated = arrays;
  if (!(spec.average_decay > 0)) updated.average = nullptr;
  const auto keep = static_cast<float>(spec.average_decay), take = static_cast<float>(1 - static_cast<double>(keep));
  const std::int64_t state = bytes_of(updated.weights, updated.count) + bytes_of(updated.first, updated.count) +
                             bytes_of(updated.second, updated.count) + bytes_of(updated.average, updated.count);
  launch({"update of the weights", gradient + state, state + bytes_of(updated.rounded, updated.count)}, update_kernel_of(spec.kind), grid,
         stream, updated, keep, take, plan);
}

}  // namespace fgan::kernels
