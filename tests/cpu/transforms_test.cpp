// The transforms of F(2, 2) and F(4, 2) as matrices in double: Winograd's identity, transposes, and how much they amplify rounding.
#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "device/cpu/winograd/transforms.h"

using namespace fgan::winograd;

namespace {

struct Number {
  double value = 0;
  friend Number operator+(Number x, Number y) { return {x.value + y.value}; }
  friend Number operator-(Number x, Number y) { return {x.value - y.value}; }
  friend Number operator*(double x, Number y) { return {x * y.value}; }
  friend Number fma(double x, Number y, Number z) { return {x * y.value + z.value}; }
};

template <int kRows, int kColumns>
using Matrix = std::array<std::array<double, kColumns>, kRows>;

// The matrix of a linear function, column by column.
template <int kRows, int kColumns, class F>
Matrix<kRows, kColumns> matrix_of(const F& f) {
  Matrix<kRows, kColumns> matrix{};
  for (std::size_t j = 0; j < kColumns; ++j) {
    Number unit[kColumns], column[kRows];
    unit[j].value = 1;
    f(unit, column);
    for (std::size_t i = 0; i < kRows; ++i) matrix[i][j] = column[i].value;
  }
  return matrix;
}

template <int kRows, int kColumns>
bool transposes(const Matrix<kRows, kColumns>& a, const Matrix<kColumns, kRows>& b) {
  bool equal = true;
  for (std::size_t i = 0; i < kRows; ++i)
    for (std::size_t j = 0; j < kColumns; ++j) equal &= std::abs(a[i][j] - b[j][i]) <= 1e-15 * (1 + std::abs(a[i][j]));
  return equal;
}

template <class F>
struct Matrices {
  static constexpr int kM = F::kOutputs, kN = F::kElements;
  Matrix<kN, kN> input = matrix_of<kN, kN>([](const Number* d, Number* v) { F::input(d, v); });
  Matrix<kN, kN> input_grad = matrix_of<kN, kN>([](const Number* v, Number* d) { F::input_grad(v, d); });
  Matrix<kM, kN> output = matrix_of<kM, kN>([](const Number* m, Number* y) { F::output(m, y); });
  Matrix<kN, kM> output_grad = matrix_of<kN, kM>([](const Number* y, Number* m) { F::output_grad(y, m); });
  Matrix<kN, 2> filter = matrix_of<kN, 2>([](const Number* g, Number* u) { F::filter(g, u); });
  Matrix<2, kN> filter_grad = matrix_of<2, kN>([](const Number* u, Number* g) { F::filter_grad(u, g); });
};

// Root mean square over the outputs of the rounding errors of a tile's products, direct convolution's being 1: both with independent
// operands of variance 1.  In two dimensions the square of what it is in one, which is a sum over elements e of A[j,e]^2 |G[e]|^2 |B'[e]|^2
// over 2.
template <class F>
double amplification() {
  const Matrices<F> m;
  double sum = 0;
  for (std::size_t e = 0; e < F::kElements; ++e) {
    double of_output = 0, of_filter = 0, of_input = 0;
    for (std::size_t j = 0; j < F::kOutputs; ++j) of_output += m.output[j][e] * m.output[j][e];
    for (std::size_t k = 0; k < 2; ++k) of_filter += m.filter[e][k] * m.filter[e][k];
    for (std::size_t k = 0; k < F::kElements; ++k) of_input += m.input[e][k] * m.input[e][k];
    sum += of_output * of_filter * of_input;
  }
  return sum / (2 * F::kOutputs);
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE_TEMPLATE("filters of two taps come out of Winograd's products", F, F22<double>, F42<double>) {
    const Matrices<F> m;
    for (std::size_t j = 0; j < F::kOutputs; ++j)
      for (std::size_t tap = 0; tap < 2; ++tap)
        for (std::size_t i = 0; i < F::kElements; ++i) {
          double coefficient = 0;  // of d[i] g[tap] in y[j]
          for (std::size_t e = 0; e < F::kElements; ++e) coefficient += m.output[j][e] * m.filter[e][tap] * m.input[e][i];
          CHECK(coefficient == doctest::Approx(i == j + tap ? 1 : 0).epsilon(1e-14));
        }
  }

  TEST_CASE_TEMPLATE("the transforms of gradients are transposes", F, F22<double>, F42<double>) {
    const Matrices<F> m;
    CHECK(transposes<F::kElements, F::kElements>(m.input, m.input_grad));
    CHECK(transposes<F::kOutputs, F::kElements>(m.output, m.output_grad));
    CHECK(transposes<F::kElements, 2>(m.filter, m.filter_grad));
  }

  TEST_CASE("rounding is amplified as little as docs/winograd.md says") {
    CHECK(amplification<F22<double>>() == doctest::Approx(2.0).epsilon(0.01));
    CHECK(amplification<F42<double>>() == doctest::Approx(2.8).epsilon(0.02));
  }
}
