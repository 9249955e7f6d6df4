// Dense layers: y = x W', rows flattened.
#include "base/error.h"
#include "device/naive/ops.h"

namespace fgan {
namespace {

void check_shapes(const Shape& x, const Shape& weight, const Shape& y) {
  const bool fits = x.n == y.n && weight.n == y.example() && weight.example() == x.example();
  FGAN_CHECK(fits, "dense layer from {} by {} to {}", to_string(x), to_string(weight), to_string(y));
}

}  // namespace

void NaiveOps::linear(Queue& queue, In x, In weight, const Epilogue& epilogue, Out y) {
  check_shapes(x.shape, weight.shape, y.shape);
  const std::int64_t rows = x.shape.n, in = x.shape.example(), out = y.shape.example();
  for (std::int64_t n = 0; n < rows; ++n)
    for (std::int64_t o = 0; o < out; ++o) {
      double sum = 0;
      for (std::int64_t i = 0; i < in; ++i) sum += static_cast<double>(floats(x)[n * in + i]) * floats(weight)[o * in + i];
      floats(y)[n * out + o] = static_cast<float>(sum);
    }
  if (epilogue) bias_act(queue, epilogue.activation, y, epilogue.bias, y);
}

void NaiveOps::linear_grad_input(Queue&, In dy, In weight, Out dx) {
  check_shapes(dx.shape, weight.shape, dy.shape);
  const std::int64_t rows = dx.shape.n, in = dx.shape.example(), out = dy.shape.example();
  for (std::int64_t n = 0; n < rows; ++n)
    for (std::int64_t i = 0; i < in; ++i) {
      double sum = 0;
      for (std::int64_t o = 0; o < out; ++o) sum += static_cast<double>(floats(dy)[n * out + o]) * floats(weight)[o * in + i];
      floats(dx)[n * in + i] = static_cast<float>(sum);
    }
}

void NaiveOps::linear_grad_weight(Queue&, In x, In dy, Out dweight) {
  check_shapes(x.shape, dweight.shape, dy.shape);
  const std::int64_t rows = x.shape.n, in = x.shape.example(), out = dy.shape.example();
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t i = 0; i < in; ++i) {
      double sum = 0;
      for (std::int64_t n = 0; n < rows; ++n) sum += static_cast<double>(floats(dy)[n * out + o]) * floats(x)[n * in + i];
      floats(dweight)[o * in + i] = static_cast<float>(sum);
    }
}

}  // namespace fgan
