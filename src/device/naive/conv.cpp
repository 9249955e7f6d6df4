// Convolution as its definition; both gradients are the same sum read for another of its three tensors.
#include <vector>

#include "base/error.h"
#include "device/naive/ops.h"

namespace fgan {
namespace {

void check_shapes(const ConvSpec& spec, const Shape& x, const Shape& filter, const Shape& y) {
  FGAN_CHECK(fits(spec, x, filter, y), "convolution of {} with {} to {}", to_string(x), to_string(filter), to_string(y));
}

// f(place in x, place in filter, place in y) for every product of the convolution, by channel runs: c runs over x's channels.
template <class F>
void for_each_product(const ConvSpec& spec, const Shape& x, const Shape& filter, const Shape& y, const F& f) {
  for (std::int64_t n = 0; n < y.n; ++n)
    for (std::int64_t p = 0; p < y.h; ++p)
      for (std::int64_t q = 0; q < y.w; ++q)
        for (std::int64_t i = 0; i < filter.h; ++i)
          for (std::int64_t j = 0; j < filter.w; ++j) {
            const std::int64_t h = p * spec.stride + i - spec.padding, w = q * spec.stride + j - spec.padding;
            if (h < 0 || h >= x.h || w < 0 || w >= x.w) continue;
            for (std::int64_t o = 0; o < y.c; ++o)
              f(((n * x.h + h) * x.w + w) * x.c, ((o * filter.h + i) * filter.w + j) * filter.c, ((n * y.h + p) * y.w + q) * y.c + o);
          }
}

void store(const std::vector<double>& sums, Out t) {
  for (std::size_t i = 0; i < sums.size(); ++i) floats(t)[i] = static_cast<float>(sums[i]);
}

std::vector<double> zeros_like(In t) { return std::vector<double>(static_cast<std::size_t>(t.shape.count())); }

}  // namespace

void NaiveOps::conv(Queue& queue, const ConvSpec& spec, In x, In filter, const Epilogue& epilogue, Out y) {
  check_shapes(spec, x.shape, filter.shape, y.shape);
  std::vector<double> sums = zeros_like(y);
  const float *px = floats(x), *pf = floats(filter);
  for_each_product(spec, x.shape, filter.shape, y.shape, [&](std::int64_t ix, std::int64_t iw, std::int64_t iy) {
    double sum = 0;
    for (std::int64_t c = 0; c < x.shape.c; ++c) sum += static_cast<double>(px[ix + c]) * pf[iw + c];
    sums[static_cast<std::size_t>(iy)] += sum;
  });
  store(sums, y);
  if (epilogue) bias_act(queue, epilogue.activation, y, epilogue.bias, y);
}

void NaiveOps::conv_grad_input(Queue& queue, const ConvSpec& spec, In dy, In filter, const Epilogue& epilogue, Out dx) {
  check_shapes(spec, dx.shape, filter.shape, dy.shape);
  std::vector<double> sums = zeros_like(dx);
  const float *pd = floats(dy), *pf = floats(filter);
  for_each_product(spec, dx.shape, filter.shape, dy.shape, [&](std::int64_t ix, std::int64_t iw, std::int64_t iy) {
    const double d = pd[iy];
    for (std::int64_t c = 0; c < dx.shape.c; ++c) sums[static_cast<std::size_t>(ix + c)] += d * pf[iw + c];
  });
  store(sums, dx);
  if (epilogue) bias_act(queue, epilogue.activation, dx, epilogue.bias, dx);
}

void NaiveOps::conv_grad_filter(Queue&, const ConvSpec& spec, In x, In dy, Out dfilter) {
  check_shapes(spec, x.shape, dfilter.shape, dy.shape);
  std::vector<double> sums = zeros_like(dfilter);
  const float *px = floats(x), *pd = floats(dy);
  for_each_product(spec, x.shape, dfilter.shape, dy.shape, [&](std::int64_t ix, std::int64_t iw, std::int64_t iy) {
    const double d = pd[iy];
    for (std::int64_t c = 0; c < x.shape.c; ++c) sums[static_cast<std::size_t>(iw + c)] += d * px[ix + c];
  });
  store(sums, dfilter);
}

}  // namespace fgan
