// Convolutions: three routes, picked by shape alone.
//   dense    one output pixel whose window is the whole input (the critic's head, the generator's projection): a matrix product.
//            oneDNN's convolution kernels run these at 3-40 GF/s where the product runs at 20-320.
//   columns  grad_input with few channels (the images): oneDNN pads 3 channels to 16.  Here  columns = dy filter  [pixels, k k c],
//            then every pixel of dx sums its columns.
//   direct   all else: oneDNN's convolution.
#include <type_traits>

#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

constexpr std::int64_t kFewChannels = 8;
constexpr std::int64_t kColumnBytes = std::int64_t{2} << 20;  // of columns at a time: what a second-level cache holds

std::int64_t images_at_a_time(const Shape& filter, const Shape& y) {
  const std::int64_t bytes = y.h * y.w * filter.example() * static_cast<std::int64_t>(sizeof(float));  // in bf16 too: sums are f32
  std::int64_t images = std::clamp<std::int64_t>(kColumnBytes / bytes, 1, y.n);
  while (y.n % images != 0) --images;  // one plan for all
  return images;
}

// dx[h, w] of one row h: the columns of all (p, i) with p * stride + i - padding = h, and along w likewise.
void sum_columns(const ConvSpec& spec, const Shape& x, const Shape& y, std::int64_t h, const float* columns, float* row) {
  const std::int64_t k = spec.kernel, s = spec.stride, c = x.c;
  std::fill(row, row + x.w * c, 0.0f);
  for (std::int64_t i = 0; i < k; ++i) {
    const std::int64_t below = h + spec.padding - i;
    if (below < 0 || below % s != 0 || below / s >= y.h) continue;
    const float* line = columns + below / s * y.w * k * k * c + i * k * c;
    for (std::int64_t q = 0; q < y.w; ++q) {
      const std::int64_t w = q * s - spec.padding, begin = std::max<std::int64_t>(0, -w), end = std::min(k, x.w - w);
      const float* from = line + q * k * k * c;
      float* to = row + w * c;
      for (std::int64_t j = begin * c; j < end * c; ++j) to[j] += from[j];
    }
  }
}

}  // namespace

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
  ConvPlan plan{job, nullptr, 0};
  if (is_dense(job.spec, job.x, job.y)) {
    prepare_linear(job.x.n, job.x.example(), job.y.example());
  } else if (job.pass == ConvPass::grad_input && job.x.c <= kFewChannels) {
    plan.images = images_at_a_time(job.filter, job.y);
    const std::int64_t pixels = plan.images * job.y.h * job.y.w;
    columns_.reserve(static_cast<std::size_t>(pixels * job.filter.example() + plan.images * job.x.example()) * sizeof(float));
    plan.plan = onednn_.product(OneDnn::row_major(pixels, job.y.c, job.dtype), OneDnn::row_major(job.y.c, job.filter.example(), job.dtype),
                                OneDnn::row_major(pixels, job.filter.example()));
  } else {
    plan.plan = onednn_.convolution(job.spec, job.pass, job.x, job.filter, job.y, job.dtype);
  }
  convs_.push_back(std::move(plan));
}

void CpuOps::finish(Queue& queue, const Epilogue& epilogue, Out y) {
  if (epilogue) bias_act(queue, epilogue.activation, y, epilogue.bias, y);
}

template <class T>
void CpuOps::grad_input_by_columns(const ConvPlan& p, const T* dy, const T* filter, T* dx) {
  const Shape &x = p.job.x, &y = p.job.y;
  const std::int64_t image_columns = y.h * y.w * p.job.filter.example(), rows = p.images * x.h, row_elements = x.w * x.c;
  const float* columns = columns_.floats();
  float* sums = columns_.floats() + p.images * image_columns;  // of the rows, where they cannot be summed in place
  for (std::int64_t n = 0; n < x.n; n += p.images) {
    p.plan->run(dy + n * y.example(), filter, columns_.data());
    T* images = dx + n * x.example();
    team_.each(rows, rows * row_elements * p.job.spec.kernel, [&](std::int64_t r) {
      const float* from = columns + r / x.h * image_columns;
      if constexpr (std::is_same_v<T, float>) {
        sum_columns(p.job.spec, x, y, r % x.h, from, images + r * row_elements);
      } else {
        float* row = sums + r * row_elements;
        sum_columns(p.job.spec, x, y, r % x.h, from, row);
#pragma omp simd
        for (std::int64_t i = 0; i < row_elements; ++i) images[r * row_elements + i] = math::from_float<T>(row[i]);
      }
    });
  }
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
  else if (p.images > 0)
    with_type_of(dx, [&]<class T>(T) { grad_input_by_columns(p, numbers<T>(dy), numbers<T>(filter), numbers<T>(dx)); });
  else p.plan->run(dy.data, filter.data, dx.data);
  finish(queue, epilogue, dx);
}

void CpuOps::conv_grad_filter(Queue& queue, const ConvSpec& spec, In x, In dy, Out dfilter) {
  const ConvPlan& p = prepared({spec, ConvPass::grad_filter, x.shape, dfilter.shape, dy.shape, x.dtype});
  if (!p.plan) return linear_grad_weight(queue, x, dy, dfilter);
  p.plan->run(x.data, dy.data, dfilter.data);
}

}  // namespace fgan
