// Convolution as its definition; both gradients are the same sum read for another of its three tensors.
#include "device/naive/ops.h"

namespace fgan {
namespace {

// y may be f32 beside bf16 where the convolution is a dense layer.
void check_operands(const ConvSpec& spec, In x, In filter, In y, DType filter_type) {
  const bool types = filter.dtype == filter_type && (y.dtype == x.dtype || (y.dtype == DType::f32 && is_dense(spec, x.shape, y.shape)));
  FGAN_CHECK(fits(spec, x.shape, filter.shape, y.shape) && types, "convolution of {} with {} to {}", to_string(x.shape),
             to_string(filter.shape), to_string(y.shape));
}

// f(place in x, place in filter, place in y) for every product of the convolution, by channel runs: c runs over x's channels.
template <class F>
void for_each_product(const ConvSpec& spec, const Shape& x, const Shape& filter, const Shape& y, const F& f) {
  const auto at = [](std::int64_t place) { return static_cast<std::size_t>(place); };
  for (std::int64_t n = 0; n < y.n; ++n)
    for (std::int64_t p = 0; p < y.h; ++p)
      for (std::int64_t q = 0; q < y.w; ++q)
        for (std::int64_t i = 0; i < filter.h; ++i)
          for (std::int64_t j = 0; j < filter.w; ++j) {
            const std::int64_t h = p * spec.stride + i - spec.padding, w = q * spec.stride + j - spec.padding;
            if (h < 0 || h >= x.h || w < 0 || w >= x.w) continue;
            for (std::int64_t o = 0; o < y.c; ++o)
              f(at(((n * x.h + h) * x.w + w) * x.c), at(((o * filter.h + i) * filter.w + j) * filter.c),
                at(((n * y.h + p) * y.w + q) * y.c + o));
          }
}

void finish(Numbers& sums, const Epilogue& epilogue, Out t) {
  FGAN_CHECK(!epilogue.bias || epilogue.bias.shape.count() == t.shape.c, "bias of a convolution to {}", to_string(t.shape));
  add_bias_and_activate(sums, read(epilogue.bias), epilogue.activation);
  write(sums, t);
}

}  // namespace

void NaiveOps::conv(Queue&, const ConvSpec& spec, In x, In filter, const Epilogue& epilogue, Out y) {
  check_operands(spec, x, filter, y, x.dtype);
  const Numbers a = read(x), f = read(filter);
  const auto channels = static_cast<std::size_t>(x.shape.c);
  Numbers sums = zeros_like(y);
  for_each_product(spec, x.shape, filter.shape, y.shape, [&](std::size_t ix, std::size_t iw, std::size_t iy) {
    double sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += a[ix + c] * f[iw + c];
    sums[iy] += sum;
  });
  finish(sums, epilogue, y);
}

void NaiveOps::conv_grad_input(Queue&, const ConvSpec& spec, In dy, In filter, const Epilogue& epilogue, Out dx) {
  check_operands(spec, dx, filter, dy, dx.dtype);
  const Numbers d = read(dy), f = read(filter);
  const auto channels = static_cast<std::size_t>(dx.shape.c);
  Numbers sums = zeros_like(dx);
  for_each_product(spec, dx.shape, filter.shape, dy.shape, [&](std::size_t ix, std::size_t iw, std::size_t iy) {
    for (std::size_t c = 0; c < channels; ++c) sums[ix + c] += d[iy] * f[iw + c];
  });
  finish(sums, epilogue, dx);
}

void NaiveOps::conv_grad_filter(Queue&, const ConvSpec& spec, In x, In dy, Out dfilter) {
  check_operands(spec, x, dfilter, dy, is_dense(spec, x.shape, dy.shape) ? DType::f32 : x.dtype);
  const Numbers a = read(x), d = read(dy);
  const auto channels = static_cast<std::size_t>(x.shape.c);
  Numbers sums = zeros_like(dfilter);
  for_each_product(spec, x.shape, dfilter.shape, dy.shape, [&](std::size_t ix, std::size_t iw, std::size_t iy) {
    for (std::size_t c = 0; c < channels; ++c) sums[iw + c] += d[iy] * a[ix + c];
  });
  write(sums, dfilter);
}

}  // namespace fgan
