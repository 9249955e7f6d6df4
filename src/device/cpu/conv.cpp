// Convolutions: three routes, picked by shape alone.
//   dense    one output pixel whose window is the whole input (the critic's head, the generator's projection): a matrix product.
//            oneDNN's convolution kernels run these at 3-40 GF/s where the product runs at 20-320.
//   columns  grad_input with few channels (the images): oneDNN pads 3 channels to 16.  Here  columns = dy filter  [pixels, k k c],
//            then every pixel of dx sums its columns.
//   direct   all else: oneDNN's convolution.
#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

constexpr std::int64_t kFewChannels = 8;
constexpr std::int64_t kColumnBytes = std::int64_t{2} << 20;  // of columns at a time: what a second-level cache holds

bool is_dense(const ConvSpec& spec, const Shape& x, const Shape& y) {
  return y.h == 1 && y.w == 1 && spec.padding == 0 && x.h == spec.kernel && x.w == spec.kernel;
}

std::int64_t images_at_a_time(const Shape& filter, const Shape& y) {
  const std::int64_t bytes = y.h * y.w * filter.example() * static_cast<std::int64_t>(sizeof(float));
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

CpuOps::ConvPlan* CpuOps::find(const ConvSpec& spec, ConvPass pass, const Shape& x, const Shape& filter, const Shape& y) {
  for (ConvPlan& p : convs_)
    if (p.pass == pass && p.spec == spec && p.x == x && p.filter == filter && p.y == y) return &p;
  return nullptr;
}

CpuOps::ConvPlan& CpuOps::prepared(const ConvSpec& spec, ConvPass pass, const Shape& x, const Shape& filter, const Shape& y) {
  ConvPlan* plan = find(spec, pass, x, filter, y);
  FGAN_CHECK(plan != nullptr, "convolution of {} with {} to {}, pass {}, was not prepared", to_string(x), to_string(filter), to_string(y),
             static_cast<int>(pass));
  return *plan;
}

void CpuOps::prepare_conv(const ConvSpec& spec, ConvPass pass, const Shape& x, const Shape& filter, const Shape& y) {
  if (find(spec, pass, x, filter, y)) return;
  const auto side = [&](std::int64_t s) { return (s + 2 * spec.padding - spec.kernel) / spec.stride + 1; };
  const bool fits = filter == Shape{y.c, spec.kernel, spec.kernel, x.c} && y.n == x.n && y.h == side(x.h) && y.w == side(x.w);
  FGAN_CHECK(fits, "convolution of {} with {} to {}", to_string(x), to_string(filter), to_string(y));
  ConvPlan plan{spec, pass, x, filter, y, nullptr, 0};
  if (is_dense(spec, x, y)) {
    prepare_linear(x.n, x.example(), y.example());
  } else if (pass == ConvPass::grad_input && x.c <= kFewChannels) {
    plan.images = images_at_a_time(filter, y);
    const std::int64_t pixels = plan.images * y.h * y.w;
    columns_.reserve(static_cast<std::size_t>(pixels * filter.example()) * sizeof(float));
    plan.plan = onednn_.product(OneDnn::row_major(pixels, y.c), OneDnn::row_major(y.c, filter.example()),
                                OneDnn::row_major(pixels, filter.example()));
  } else {
    plan.plan = onednn_.convolution(spec, pass, x, filter, y);
  }
  convs_.push_back(std::move(plan));
}

void CpuOps::conv(Queue& queue, const ConvSpec& spec, In x, In filter, Out y) {
  const ConvPlan& p = prepared(spec, ConvPass::forward, x.shape, filter.shape, y.shape);
  if (!p.plan) return linear(queue, x, filter, y);
  p.plan->run(x.data, filter.data, y.data);
}

void CpuOps::conv_grad_input(Queue& queue, const ConvSpec& spec, In dy, In filter, Out dx) {
  const ConvPlan& p = prepared(spec, ConvPass::grad_input, dx.shape, filter.shape, dy.shape);
  if (!p.plan) return linear_grad_input(queue, dy, filter, dx);
  if (p.images > 0) return grad_input_by_columns(p, f32(dy), f32(filter), f32(dx));
  p.plan->run(dy.data, filter.data, dx.data);
}

void CpuOps::conv_grad_filter(Queue& queue, const ConvSpec& spec, In x, In dy, Out dfilter) {
  const ConvPlan& p = prepared(spec, ConvPass::grad_filter, x.shape, dfilter.shape, dy.shape);
  if (!p.plan) return linear_grad_weight(queue, x, dy, dfilter);
  p.plan->run(x.data, dy.data, dfilter.data);
}

void CpuOps::grad_input_by_columns(const ConvPlan& p, const float* dy, const float* filter, float* dx) {
  const std::int64_t image_columns = p.y.h * p.y.w * p.filter.example(), rows = p.images * p.x.h;
  const float* columns = columns_.floats();
  for (std::int64_t n = 0; n < p.x.n; n += p.images) {
    p.plan->run(dy + n * p.y.example(), filter, columns_.data());
    float* images = dx + n * p.x.example();
    team_.each(rows, rows * p.x.w * p.x.c * p.spec.kernel, [&](std::int64_t r) {
      sum_columns(p.spec, p.x, p.y, r % p.x.h, columns + r / p.x.h * image_columns, images + r * p.x.w * p.x.c);
    });
  }
}

}  // namespace fgan
