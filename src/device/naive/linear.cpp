#include "device/naive/naive.h"

namespace fgan::naive {
namespace {

// c[i,j] = sum_k a[i,k] b[k,j] with any strides.
struct Matrix {
  const float* data;
  std::int64_t row, column;   // strides
  double at(std::int64_t i, std::int64_t j) const { return data[i * row + j * column]; }
};

void multiply(const Matrix& a, const Matrix& b, std::int64_t rows, std::int64_t inner, std::int64_t columns, float* c) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < inner; ++k) sum += a.at(i, k) * b.at(k, j);
      c[i * columns + j] = static_cast<float>(sum);
    }
}

}  // namespace

void NaiveOps::linear(Queue&, In x, In weight, Out y) {
  const std::int64_t n = x.shape.n, in = x.shape.example(), out = y.shape.example();
  multiply({floats(x), in, 1}, {floats(weight), 1, in}, n, in, out, writable(y));
}

void NaiveOps::linear_grad_input(Queue&, In dy, In weight, Out dx) {
  const std::int64_t n = dy.shape.n, in = dx.shape.example(), out = dy.shape.example();
  multiply({floats(dy), out, 1}, {floats(weight), in, 1}, n, out, in, writable(dx));
}

void NaiveOps::linear_grad_weight(Queue&, In x, In dy, Out dweight) {
  const std::int64_t n = x.shape.n, in = x.shape.example(), out = dy.shape.example();
  multiply({floats(dy), 1, out}, {floats(x), in, 1}, out, n, in, writable(dweight));
}

}  // namespace fgan::naive
