// Convolutions: four routes, picked by shape, type and instruction set alone.
//   dense    one output pixel whose window is the whole input (the critic's head, the generator's projection): a matrix product.
//            oneDNN's convolution kernels run these at 3-40 GF/s where the product runs at 20-320.
//   columns  the window of every pixel as a row of a matrix, then one product: columns.h.
//   winograd f32, kernel 4, stride 2, padding 1 where it is faster, or where the option says so: docs/winograd.md.
//   direct   all else: oneDNN's convolution.
#include "base/error.h"
#include "device/cpu/columns.h"
#include "device/cpu/ops.h"
#include "device/cpu/winograd/rule.h"

namespace fgan {

std::unique_ptr<Plan> CpuOps::plan_of(const ConvJob& job) {
  const bool can = job.dtype == DType::f32 && winograd::possible(job.spec);
  if (!(can && route_ == ConvRoute::winograd) && columns_pay(job)) return make_columns_plan(team_, onednn_, columns_, job);
  if (!can || route_ == ConvRoute::direct || (route_ == ConvRoute::automatic && !winograd::pays(job.x, job.y)))
    return onednn_.convolution(job.spec, job.pass, job.x, job.filter, job.y, job.dtype);
  const auto isa = OneDnn::isa().starts_with("avx512") ? winograd::Isa::avx512 : winograd::Isa::avx2;
  return winograd::make_plan(team_, winograd::kernels(isa, winograd::outputs_of(job.y)), job.pass, job.x, job.y, scratch_);
}

CpuOps::ConvPlan* CpuOps::find(const ConvJob& job) {
  for (ConvPlan& p : convs_)
    if (p.job == job) return &p;
  return nullptr;
}

CpuOps::ConvPlan& CpuOps::prepared(const ConvJob& job) {
  ConvPlan* plan = find(job);
  FGAN_CHECK(plan != nullptr, "convolution of {} with {} to {}, pass {}, was not prepared", to_string(job.x), to_string(job.filter),
             to_string(job.y), static_cast<int>(job.pass));
  return *plan;
}

// The epilogue is a loop of its own: plans do not depend on it.
void CpuOps::prepare_conv(const ConvJob& wanted) {
  const ConvJob job{wanted.spec, wanted.pass, wanted.x, wanted.filter, wanted.y, wanted.dtype};
  FGAN_CHECK(job.dtype == DType::f32 || job.dtype == activations_, "a convolution in bf16 on a device in f32");
  FGAN_CHECK(fits(job.spec, job.x, job.filter, job.y), "convolution of {} with {} to {}", to_string(job.x), to_string(job.filter),
             to_string(job.y));
  if (find(job)) return;
  ConvPlan plan{job, nullptr};
  if (is_dense(job.spec, job.x, job.y)) {
    prepare_linear(job.x.n, job.x.example(), job.y.example());
  } else {
    plan.plan = plan_of(job);
    if (job.pass == ConvPass::grad_filter && job.dtype != DType::f32)
      converted_.reserve(static_cast<std::size_t>(job.filter.count()) * sizeof(float));
  }
  convs_.push_back(std::move(plan));
}

void CpuOps::finish(Queue& queue, const Epilogue& epilogue, Out y) {
  if (epilogue) bias_act(queue, epilogue.activation, y, epilogue.bias, y);
}

void CpuOps::conv(Queue& queue, const ConvSpec& spec, In x, In filter, const Epilogue& epilogue, Out y) {
  const ConvPlan& p = prepared({spec, ConvPass::forward, x.shape, filter.shape, y.shape, x.dtype});
  if (p.plan) p.plan->run(x.data, filter.data, y.data);
  else linear(queue, x, filter, {}, y);
  finish(queue, epilogue, y);
}

void CpuOps::conv_grad_input(Queue& queue, const ConvSpec& spec, In dy, In filter, const Epilogue& epilogue, Out dx) {
  const ConvPlan& p = prepared({spec, ConvPass::grad_input, dx.shape, filter.shape, dy.shape, dx.dtype});
  if (!p.plan) linear_grad_input(queue, dy, filter, dx);
  else p.plan->run(dy.data, filter.data, dx.data);
  finish(queue, epilogue, dx);
}

void CpuOps::conv_grad_filter(Queue& queue, const ConvSpec& spec, In x, In dy, Out dfilter) {
  const ConvPlan& p = prepared({spec, ConvPass::grad_filter, x.shape, dfilter.shape, dy.shape, x.dtype});
  if (!p.plan) return linear_grad_weight(queue, x, dy, dfilter);
  if (dfilter.dtype == DType::f32) return p.plan->run(x.data, dy.data, dfilter.data);
  const Tensor sums{converted_.data(), dfilter.shape, DType::f32};
  p.plan->run(x.data, dy.data, sums.data);
  copy(queue, sums, dfilter);
}

}  // namespace fgan
