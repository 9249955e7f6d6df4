#include "kernels/optimizer.h"

#include <cstddef>

#include "kernels/each.cuh"
#include "kernels/last_block.cuh"
#include "kernels/pack.cuh"
#include "kernels/reduce.cuh"

namespace fgan::kernels {
namespace {

using math::OptimizerCounter, math::OptimizerKind;

constexpr int kPack = 4, kAccess = kPack * sizeof(float);

// What all weights share in one update: decided by one thread, read by all.
struct Plan {
  math::UpdateConstants<float> constants;
  float scale;  // of the gradient, below 1 where it is clipped
  bool skip;
};

// The scratch: a plan, and after it the sum of squares of each block.
constexpr std::size_t kSumsAt = 64;
static_assert(sizeof(Plan) <= kSumsAt && kSumsAt % alignof(double) == 0);

Grid grid_of(std::int64_t count) { return grid_over((count + kPack - 1) / kPack); }

// f(pack, i) for packs of neighbours, decltype(pack)::value of them from element i on: whole ones, and what is left at the end one by one.
template <class F>
__device__ void each_pack(std::int64_t count, const F& f) {
  each((count + kPack - 1) / kPack, [&](std::int64_t pack) {
    const std::int64_t first = kPack * pack;
    if (first + kPack <= count) f(std::integral_constant<int, kPack>{}, first);
    else
      for (std::int64_t i = first; i < count; ++i) f(std::integral_constant<int, 1>{}, i);
  });
}

template <int V>
__device__ Pack<float, V> gradient_at(const Gradient& gradient, std::int64_t i) {
  for (const Gradient::Slice& slice : gradient.rounded) {
    if (i < slice.first || i >= slice.end) continue;
    const auto* halves = reinterpret_cast<const math::Bf16*>(gradient.data + slice.first);
    const Pack<math::Bf16, V> narrow = load<math::Bf16, V>(halves + (i - slice.first));
    Pack<float, V> wide;
    for (int v = 0; v < V; ++v) wide.at[v] = math::to_float(narrow.at[v]);
    return wide;
  }
  return load<float, V>(gradient.data + i);
}

// sums[block] = sum of g^2 over the block's elements, in double; then the last block adds the sums, and its first thread decides by them
// and counts.  A thread takes packs of four elements; reads g once.
__global__ void squares_kernel(math::OptimizerSpec spec, std::int64_t count, Gradient gradient, double* sums, Plan* plan,
                               std::int64_t* counters, unsigned* arrivals) {
  double sum = 0;
  each_pack(count, [&](auto pack, std::int64_t i) {
    constexpr int V = decltype(pack)::value;
    const Pack<float, V> g = gradient_at<V>(gradient, i);
    for (int v = 0; v < V; ++v) sum += static_cast<double>(g.at[v]) * static_cast<double>(g.at[v]);
  });
  sum = block_sum<kBlockThreads>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
  if (!last_block(arrivals)) return;
  double squares = 0;
  for (unsigned block = threadIdx.x; block < gridDim.x; block += kBlockThreads) squares += sums[block];
  squares = block_sum<kBlockThreads>(squares);
  if (threadIdx.x > 0) return;
  const math::Clipping clipping = math::clipping(spec, squares);
  const std::int64_t updates = counters[static_cast<int>(OptimizerCounter::updates)];
  *plan = {math::update_constants<float>(spec, updates), static_cast<float>(clipping.scale), clipping.skip};
  math::count_update(clipping, counters);
}

template <OptimizerKind kKind, int V>
__device__ void update_pack(const OptimizerArrays& arrays, const Plan& plan, float keep, float take, std::int64_t i) {
  const Pack<float, V> g = gradient_at<V>(arrays.gradient, i);
  Pack<float, V> w = load<float, V>(arrays.weights + i), first = load<float, V>(arrays.first + i), second{}, average{};
  if constexpr (math::keeps_second(kKind)) second = load<float, V>(arrays.second + i);
  if (arrays.average != nullptr) average = load<float, V>(arrays.average + i);
  Pack<math::Bf16, V> rounded;
  for (int v = 0; v < V; ++v) {
    w.at[v] -= math::update<kKind>(plan.constants, g.at[v] * plan.scale, first.at[v], second.at[v]);
    average.at[v] = keep * average.at[v] + take * w.at[v];
    rounded.at[v] = math::to_bf16(w.at[v]);
  }
  store(arrays.weights + i, w);
  store(arrays.first + i, first);
  if constexpr (math::keeps_second(kKind)) store(arrays.second + i, second);
  if (arrays.average != nullptr) store(arrays.average + i, average);
  if (arrays.rounded != nullptr) store(arrays.rounded + i, rounded);
}

// w -= update(g), average = keep average + take w, rounded = w.  A thread takes packs of four elements.  Reads w, g, first, second, average
// and writes all but g once: 28 bytes an element with adam, 8 more for the average, 2 more for the rounded copy, 2 less where g is bf16.
template <OptimizerKind kKind>
__global__ void update_kernel(OptimizerArrays arrays, float keep, float take, const Plan* shared_plan) {
  const Plan plan = *shared_plan;
  if (plan.skip) return;
  each_pack(arrays.count, [&](auto pack, std::int64_t i) { update_pack<kKind, decltype(pack)::value>(arrays, plan, keep, take, i); });
}

using UpdateKernel = void (*)(OptimizerArrays, float, float, const Plan*);

UpdateKernel update_kernel_of(OptimizerKind kind) {
  if (kind == OptimizerKind::adam) return update_kernel<OptimizerKind::adam>;
  if (kind == OptimizerKind::sgd) return update_kernel<OptimizerKind::sgd>;
  return update_kernel<OptimizerKind::rmsprop>;
}

std::int64_t gradient_bytes(const Gradient& gradient, std::int64_t count) {
  std::int64_t bytes = bytes_of(gradient.data, count);
  for (const Gradient::Slice& slice : gradient.rounded) bytes -= 2 * (slice.end - slice.first);
  return bytes;
}

}  // namespace

std::size_t optimizer_scratch(std::int64_t count) { return kSumsAt + grid_of(count).blocks_x * sizeof(double); }

void optimizer_step(Stream stream, const math::OptimizerSpec& spec, const OptimizerArrays& arrays, std::int64_t* counters, Scratch scratch,
                    unsigned* arrivals) {
  const Grid grid = grid_of(arrays.count);
  auto* plan = static_cast<Plan*>(scratch.data);
  auto* sums = static_cast<double*>(static_cast<void*>(static_cast<std::byte*>(scratch.data) + kSumsAt));
  const std::int64_t gradient = gradient_bytes(arrays.gradient, arrays.count);
  launch({"squares of the gradient", gradient, bytes_of(sums, grid.blocks_x) + bytes_of(plan, 1), kAccess}, squares_kernel, grid, stream,
         spec, arrays.count, arrays.gradient, sums, plan, counters, arrivals);
  OptimizerArrays updated = arrays;
  if (!(spec.average_decay > 0)) updated.average = nullptr;
  const auto keep = static_cast<float>(spec.average_decay), take = static_cast<float>(1 - static_cast<double>(keep));
  const std::int64_t state = bytes_of(updated.weights, updated.count) + bytes_of(updated.first, updated.count) +
                             bytes_of(updated.second, updated.count) + bytes_of(updated.average, updated.count);
  launch({"update of the weights", gradient + state, state + bytes_of(updated.rounded, updated.count), kAccess},
         update_kernel_of(spec.kind), grid, stream, updated, keep, take, plan);
}

}  // namespace fgan::kernels
