// Dense layers: y = x W', rows flattened.
#include "device/naive/ops.h"

namespace fgan {
namespace {

// Of x [rows, in] and y [rows, out].
struct Sizes {
  std::size_t rows, in, out;
};

Sizes sizes_of(In x, In weight, In y, DType weight_type) {
  const bool fits = x.shape.n == y.shape.n && weight.shape.n == y.shape.example() && weight.shape.example() == x.shape.example();
  const bool types = weight.dtype == weight_type && (y.dtype == x.dtype || y.dtype == DType::f32);
  FGAN_CHECK(fits && types, "dense layer from {} by {} to {}", to_string(x.shape), to_string(weight.shape), to_string(y.shape));
  const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  return {size(x.shape.n), size(x.shape.example()), size(y.shape.example())};
}

}  // namespace

void NaiveOps::linear(Queue&, In x, In weight, const Epilogue& epilogue, Out y) {
  const auto [rows, in, out] = sizes_of(x, weight, y, x.dtype);
  FGAN_CHECK(!epilogue.bias || epilogue.bias.shape.count() == y.shape.c, "bias of a dense layer to {}", to_string(y.shape));
  const Numbers a = read(x), w = read(weight);
  Numbers sums = zeros_like(y);
  for (std::size_t n = 0; n < rows; ++n)
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i) sums[n * out + o] += a[n * in + i] * w[o * in + i];
  add_bias_and_activate(sums, read(epilogue.bias), epilogue.activation);
  write(sums, y);
}

void NaiveOps::linear_grad_input(Queue&, In dy, In weight, Out dx) {
  const auto [rows, in, out] = sizes_of(dx, weight, dy, dx.dtype);
  const Numbers d = read(dy), w = read(weight);
  Numbers sums = zeros_like(dx);
  for (std::size_t n = 0; n < rows; ++n)
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i) sums[n * in + i] += d[n * out + o] * w[o * in + i];
  write(sums, dx);
}

void NaiveOps::linear_grad_weight(Queue&, In x, In dy, Out dweight) {
  const auto [rows, in, out] = sizes_of(x, dweight, dy, DType::f32);
  const Numbers a = read(x), d = read(dy);
  Numbers sums = zeros_like(dweight);
  for (std::size_t n = 0; n < rows; ++n)
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i) sums[o * in + i] += d[n * out + o] * a[n * in + i];
  write(sums, dweight);
}

}  // namespace fgan
