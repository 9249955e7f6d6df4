// y[n,p,q,o] = sum_{i,j,c} x[n, ps + i - pad, qs + j - pad, c] w[o,i,j,c], and its two transposes.
#include <vector>

#include "device/naive/naive.h"

namespace fgan::naive {
namespace {

// visit(index of x, index of filter, index of y) for every product of the sum.
template <class Visit>
void for_each_product(const ConvSpec& spec, const Shape& x, const Shape& y, Visit visit) {
  for (std::int64_t n = 0; n < y.n; ++n)
    for (std::int64_t p = 0; p < y.h; ++p)
      for (std::int64_t q = 0; q < y.w; ++q)
        for (int i = 0; i < spec.kernel; ++i)
          for (int j = 0; j < spec.kernel; ++j) {
            const std::int64_t h = p * spec.stride + i - spec.padding, w = q * spec.stride + j - spec.padding;
            if (h < 0 || h >= x.h || w < 0 || w >= x.w) continue;
            for (std::int64_t o = 0; o < y.c; ++o)
              for (std::int64_t c = 0; c < x.c; ++c)
                visit(static_cast<std::size_t>(((n * x.h + h) * x.w + w) * x.c + c),
                      static_cast<std::size_t>(((o * spec.kernel + i) * spec.kernel + j) * x.c + c),
                      static_cast<std::size_t>(((n * y.h + p) * y.w + q) * y.c + o));
          }
}

void round_into(Out out, const std::vector<double>& sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) writable(out)[i] = static_cast<float>(sums[i]);
}

std::vector<double> zeros(const Shape& shape) { return std::vector<double>(static_cast<std::size_t>(shape.count()), 0.0); }

}  // namespace

void NaiveOps::conv(Queue&, const ConvSpec& spec, In x, In filter, Out y) {
  std::vector<double> sums = zeros(y.shape);
  const float *px = floats(x), *pw = floats(filter);
  for_each_product(spec, x.shape, y.shape,
                   [&](std::size_t ix, std::size_t iw, std::size_t iy) { sums[iy] += static_cast<double>(px[ix]) * pw[iw]; });
  round_into(y, sums);
}

void NaiveOps::conv_grad_input(Queue&, const ConvSpec& spec, In dy, In filter, Out dx) {
  std::vector<double> sums = zeros(dx.shape);
  const float *pdy = floats(dy), *pw = floats(filter);
  for_each_product(spec, dx.shape, dy.shape,
                   [&](std::size_t ix, std::size_t iw, std::size_t iy) { sums[ix] += static_cast<double>(pdy[iy]) * pw[iw]; });
  round_into(dx, sums);
}

void NaiveOps::conv_grad_filter(Queue&, const ConvSpec& spec, In x, In dy, Out dfilter) {
  std::vector<double> sums = zeros(dfilter.shape);
  const float *px = floats(x), *pdy = floats(dy);
  for_each_product(spec, x.shape, dy.shape,
                   [&](std::size_t ix, std::size_t iw, std::size_t iy) { sums[iw] += static_cast<double>(px[ix]) * pdy[iy]; });
  round_into(dfilter, sums);
}

}  // namespace fgan::naive
