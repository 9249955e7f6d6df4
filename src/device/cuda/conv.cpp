// Convolutions by cuDNN's plans; those that are dense layers by cuBLASLt.
#include "base/error.h"
#include "device/cuda/ops.h"

namespace fgan {
const CudaOps::PreparedConv& CudaOps::prepared(const ConvJob& job) const {
  for (const PreparedConv& p : convolutions_prepared_)
    if (p.job == job) return p;
  FGAN_CHECK(false, "convolution was not prepared: {}", cuda::to_string(job));
}

void CudaOps::prepare_conv(const ConvJob& job) {
  FGAN_CHECK(fits(job.spec, job.x, job.filter, job.y), "convolution of {} with {} to {}", to_string(job.x), to_string(job.filter),
             to_string(job.y));
  for (const PreparedConv& p : convolutions_prepared_)
    if (p.job == job) return;
  FGAN_CHECK(job.dtype == DType::f32 || options_.dtype == ComputeType::bf16, "a convolution in bf16 on a device in {}",
             to_string(options_.dtype));
  PreparedConv prepared{job};
  if (is_dense(job.spec, job.x, job.y)) {
    prepare_linear(job.x.n, job.x.example(), job.y.example());
  } else {
    prepared.plan = convolutions_.prepare(job);
    prepared.splits = prepared.plan == nullptr;
    if (prepared.splits) prepared.plan = convolutions_.prepare(cuda::without_epilogue(job));
    scratch_.want({prepared.plan->workspace_bytes()});
  }
  convolutions_prepared_.push_back(prepared);
}

void CudaOps::run(const PreparedConv& p, const cuda::ConvMemory& memory, void* workspace) {
  p.plan->run(cudnn_.get(), memory, workspace);
  tally_.add(cuda::work_of(p.splits ? cuda::without_epilogue(p.job) : p.job));
}

void CudaOps::conv(Queue& queue, const ConvSpec& spec, In x, In filter, const Epilogue& epilogue, Out y) {
  const PreparedConv& p =
      prepared({spec, ConvPass::forward, x.shape, filter.shape, y.shape, x.dtype, epilogue.activation, static_cast<bool>(epilogue.bias)});
  if (p.plan == nullptr) return linear(queue, x, filter, epilogue, y);
  run(p, {x.data, filter.data, y.data, p.splits ? nullptr : epilogue.bias.data}, scratch_.take({p.plan->workspace_bytes()})[0]);
  if (p.splits) finish(queue, epilogue, y);
}

void CudaOps::conv_grad_input(Queue& queue, const ConvSpec& spec, In dy, In filter, const Epilogue& epilogue, Out dx) {
  const PreparedConv& p = prepared(
      {spec, ConvPass::grad_input, dx.shape, filter.shape, dy.shape, dx.dtype, epilogue.activation, static_cast<bool>(epilogue.bias)});
  if (p.plan == nullptr) linear_grad_input(queue, dy, filter, dx);
  else run(p, {dx.data, filter.data, dy.data, p.splits ? nullptr : epilogue.bias.data}, scratch_.take({p.plan->workspace_bytes()})[0]);
  if (p.plan == nullptr || p.splits) finish(queue, epilogue, dx);
}

void CudaOps::conv_grad_filter(Queue& queue, const ConvSpec& spec, In x, In dy, Out dfilter) {
  const PreparedConv& p = prepared({spec, ConvPass::grad_filter, x.shape, dfilter.shape, dy.shape, x.dtype});
  if (p.plan == nullptr) return linear_grad_weight(queue, x, dy, dfilter);
  FGAN_CHECK(dfilter.dtype == x.dtype, "the gradient of a filter has the type of what is convolved");  // cuDNN knows no other
  run(p, {x.data, dfilter.data, dy.data, nullptr}, scratch_.take({p.plan->workspace_bytes()})[0]);
}

}  // namespace fgan
