// Minimal filtering F(m, 2) (Winograd 1980): m outputs of a filter of 2 taps from m + 1 inputs by m + 1 products instead of 2 m,
//   y = A' [(G g) . (B' d)],        y[j] = d[j] g[0] + d[j + 1] g[1].
// Each matrix as a function of a vector, and its transpose; in two dimensions they act on rows, then on columns.  Derivation, choice of
// the points and errors: docs/winograd.md.
//   S: the type of the constants.  T: a class of numbers, with + - and, found by its namespace, S * T and fma(S, T, T).
// Compiled more than once, for different processors: so nothing here may be visible to the linker.
#pragma once

#define FGAN_INLINE inline __attribute__((always_inline))

namespace fgan::winograd {
namespace {

// Points 0, 1 and infinity.
template <class S>
struct F22 {
  static constexpr int kOutputs = 2, kElements = 3;

  template <class T>
  static FGAN_INLINE void input(const T* d, T* v) {  // v = B' d
    v[0] = d[0] - d[1];
    v[1] = d[1];
    v[2] = d[2] - d[1];
  }
  template <class T>
  static FGAN_INLINE void input_grad(const T* v, T* d) {  // d = B v
    d[0] = v[0];
    d[1] = v[1] - v[0] - v[2];
    d[2] = v[2];
  }
  template <class T>
  static FGAN_INLINE void output(const T* m, T* y) {  // y = A' m
    y[0] = m[0] + m[1];
    y[1] = m[1] + m[2];
  }
  template <class T>
  static FGAN_INLINE void output_grad(const T* y, T* m) {  // m = A y
    m[0] = y[0];
    m[1] = y[0] + y[1];
    m[2] = y[1];
  }
  template <class T>
  static FGAN_INLINE void filter(const T* g, T* u) {  // u = G g
    output_grad(g, u);
  }
  template <class T>
  static FGAN_INLINE void filter_grad(const T* u, T* g) {  // g = G' u
    output(u, g);
  }
};

// Points a, -a, b, -b and infinity.
template <class S>
struct F42 {
  static constexpr int kOutputs = 4, kElements = 5;
  static constexpr S a = S(0.375), b = S(1.25);
  static constexpr S a2 = a * a, a3 = a2 * a, b2 = b * b, b3 = b2 * b;
  // 1 over the product of a point's differences to the other three
  static constexpr S ga = S(1) / (S(2) * a * (a2 - b2)), gb = S(1) / (S(2) * b * (b2 - a2));

  template <class T>
  static FGAN_INLINE void input(const T* d, T* v) {
    const T even_a = fma(-b2, d[0], d[2]), odd_a = fma(-b2, d[1], d[3]);
    const T even_b = fma(-a2, d[0], d[2]), odd_b = fma(-a2, d[1], d[3]);
    v[0] = fma(a, even_a, odd_a);
    v[1] = fma(-a, even_a, odd_a);
    v[2] = fma(b, even_b, odd_b);
    v[3] = fma(-b, even_b, odd_b);
    v[4] = fma(a2 * b2, d[0], fma(-(a2 + b2), d[2], d[4]));
  }
  template <class T>
  static FGAN_INLINE void input_grad(const T* v, T* d) {
    const T sum_a = v[0] + v[1], sum_b = v[2] + v[3], difference_a = v[0] - v[1], difference_b = v[2] - v[3];
    d[0] = fma(a2 * b2, v[4], fma(-a * b2, difference_a, (-b * a2) * difference_b));
    d[1] = fma(-b2, sum_a, (-a2) * sum_b);
    d[2] = fma(-(a2 + b2), v[4], fma(a, difference_a, b * difference_b));
    d[3] = sum_a + sum_b;
    d[4] = v[4];
  }
  template <class T>
  static FGAN_INLINE void output(const T* m, T* y) {
    const T sum_a = m[0] + m[1], sum_b = m[2] + m[3], difference_a = m[0] - m[1], difference_b = m[2] - m[3];
    y[0] = sum_a + sum_b;
    y[1] = fma(a, difference_a, b * difference_b);
    y[2] = fma(a2, sum_a, b2 * sum_b);
    y[3] = fma(a3, difference_a, fma(b3, difference_b, m[4]));
  }
  template <class T>
  static FGAN_INLINE void output_grad(const T* y, T* m) {
    const T even_a = fma(a2, y[2], y[0]), odd_a = fma(a3, y[3], a * y[1]);
    const T even_b = fma(b2, y[2], y[0]), odd_b = fma(b3, y[3], b * y[1]);
    m[0] = even_a + odd_a;
    m[1] = even_a - odd_a;
    m[2] = even_b + odd_b;
    m[3] = even_b - odd_b;
    m[4] = y[3];
  }
  template <class T>
  static FGAN_INLINE void filter(const T* g, T* u) {
    const T even_a = ga * g[0], odd_a = (ga * a) * g[1], even_b = gb * g[0], odd_b = (gb * b) * g[1];
    u[0] = odd_a + even_a;
    u[1] = odd_a - even_a;
    u[2] = odd_b + even_b;
    u[3] = odd_b - even_b;
    u[4] = g[1];
  }
  template <class T>
  static FGAN_INLINE void filter_grad(const T* u, T* g) {
    g[0] = fma(ga, u[0] - u[1], gb * (u[2] - u[3]));
    g[1] = fma(ga * a, u[0] + u[1], fma(gb * b, u[2] + u[3], u[4]));
  }
};

}  // namespace
}  // namespace fgan::winograd
