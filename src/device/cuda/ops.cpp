// Ops that mix rows, and the optimiser.
#include "device/cuda/ops.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/game.h"
#include "kernels/normalize.h"
#include "kernels/optimizer.h"
#include "kernels/pointwise.h"

namespace fgan {
namespace {

constexpr std::int64_t kManyWeights = std::int64_t{1} << 40;  // the optimiser's scratch has an end that this many reach

kernels::RowGroups groups_of(Groups groups) {
  FGAN_CHECK(groups.size() <= kernels::RowGroups::kMost, "{} row groups, at most {}", groups.size(), kernels::RowGroups::kMost);
  kernels::RowGroups all;
  for (const RowGroup& group : groups) all.at[all.count++] = group;
  return all;
}

kernels::Gradient gradient_of(const OptimizerBlocks& b) {
  kernels::Gradient gradient{f32(b.gradient)};
  FGAN_CHECK(b.rounded_gradients.size() <= kernels::Gradient::kMostSlices, "{} gradients in bf16, at most {}", b.rounded_gradients.size(),
             kernels::Gradient::kMostSlices);
  for (std::size_t i = 0; i < b.rounded_gradients.size(); ++i)
    gradient.rounded[i] = {b.rounded_gradients[i].first, b.rounded_gradients[i].end};
  return gradient;
}

kernels::NormShape norm_shape(const Shape& x) { return {x.n, x.h * x.w, x.c}; }

cuda::Owned<cudnnHandle_t, cudnnStatus_t> open_cudnn(const cuda::Api& api, cudaStream_t stream) {
  cudnnHandle_t handle = nullptr;
  FGAN_CALL(api, cudnnCreate, &handle);
  cuda::Owned<cudnnHandle_t, cudnnStatus_t> owned(handle, api.cudnnDestroy);
  FGAN_CALL(api, cudnnSetStream, handle, stream);
  return owned;
}

void check_groups(const NormSpec& spec, Groups groups) {
  FGAN_CHECK(!uses_reference(spec.statistics) || begins_with_reference(groups), "the first group must be the reference");
}

}  // namespace

CudaOps::CudaOps(const cuda::Api& api, cudaStream_t stream, const DeviceOptions& options, const std::string& machine,
                 const std::filesystem::path& plan_file, const bool& recording, cuda::Tally& tally)
    : api_(api),
      tally_(tally),
      stream_(stream, &tally),
      options_(options),
      scratch_(api, recording),
      arrivals_(cuda::allocate(api, sizeof(unsigned))),
      products_(api, stream, options.dtype),
      cudnn_(open_cudnn(api, stream)),
      convolutions_(api, cudnn_.get(), stream, machine,
                    {.tf32 = options.dtype == ComputeType::tf32, .deterministic = options.deterministic}, plan_file) {
  scratch_.want({kernels::optimizer_scratch(kManyWeights)});
  FGAN_CALL(api, cudaMemsetAsync, arrivals_.get(), 0, sizeof(unsigned), stream);
}

void CudaOps::prepare_channels(const Shape& x) {
  scratch_.want({std::max(kernels::normalize_scratch(norm_shape(x)), kernels::bias_act_grad_scratch(x.c))});
}

void CudaOps::normalize(Queue&, const NormSpec& spec, Groups groups, In x, In gain, In bias, Out y, Out moments) {
  const std::int64_t channels = x.shape.c;
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && gain.shape.count() == channels && bias.shape.count() == channels,
             "normalize of {}", to_string(x.shape));
  FGAN_CHECK(!measures_rows(spec.statistics) || x.data != y.data, "statistics of the batch cannot work in place");
  check_groups(spec, groups);
  const std::size_t bytes = kernels::normalize_scratch(norm_shape(x.shape));
  kernels::normalize(stream_, spec, groups_of(groups), norm_shape(x.shape), array(x), f32(gain), f32(bias), array(y), f32(moments),
                     {scratch_.take({bytes})[0], bytes});
}

void CudaOps::normalize_grad(Queue&, const NormSpec& spec, Groups groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain,
                             Out dbias) {
  FGAN_CHECK(spec.statistics != Statistics::given, "normalize_grad does not know given statistics");
  FGAN_CHECK(static_cast<bool>(dgain) == static_cast<bool>(dbias), "dgain and dbias are wanted together or not at all");
  FGAN_CHECK(x.shape == y.shape && x.shape == dy.shape && (!dx || x.shape == dx.shape), "normalize_grad of {}", to_string(x.shape));
  check_groups(spec, groups);
  const std::size_t bytes = kernels::normalize_scratch(norm_shape(x.shape));
  kernels::normalize_grad(stream_, spec, groups_of(groups), norm_shape(x.shape), array(x), array(y), array(dy), f32(gain), f32(moments),
                          array(dx), f32(dgain), f32(dbias), {scratch_.take({bytes})[0], bytes});
}

void CudaOps::game(Queue&, const math::GameSpec& spec, Groups groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) {
  kernels::game(stream_, spec, math::threshold_v(spec), groups_of(groups), f32(v), f32(dcritic), f32(dgenerator), f32(statistics),
                static_cast<std::int64_t*>(capped.data));
}

void CudaOps::optimizer_step(Queue&, const math::OptimizerSpec& spec, const OptimizerBlocks& b, Out counters) {
  const std::int64_t count = b.weights.shape.count();
  FGAN_CHECK(b.gradient.shape.count() == count && b.first && (!math::keeps_second(spec.kind) || b.second), "optimiser blocks of {}", count);
  const std::size_t bytes = kernels::optimizer_scratch(count);
  kernels::optimizer_step(
      stream_, spec,
      {count, f32(b.weights), gradient_of(b), f32(b.first), f32(b.second), f32(b.average), static_cast<math::Bf16*>(b.rounded.data)},
      static_cast<std::int64_t*>(counters.data), {scratch_.take({bytes})[0], bytes}, arrivals());
}

}  // namespace fgan
