// Numbers a + b e with e^2 = 0: run through a formula they carry its exact derivative along.
#pragma once

#include <cmath>

namespace fgan::test {

struct Dual {
  double a, b;
  explicit constexpr Dual(double value, double slope = 0) : a(value), b(slope) {}
};

inline Dual variable(double x) { return Dual(x, 1); }

inline Dual operator+(Dual x, Dual y) { return Dual(x.a + y.a, x.b + y.b); }
inline Dual operator-(Dual x, Dual y) { return Dual(x.a - y.a, x.b - y.b); }
inline Dual operator-(Dual x) { return Dual(-x.a, -x.b); }
inline Dual operator*(Dual x, Dual y) { return Dual(x.a * y.a, x.b * y.a + x.a * y.b); }
inline Dual operator/(Dual x, Dual y) { return Dual(x.a / y.a, (x.b - x.a / y.a * y.b) / y.a); }
inline bool operator<(Dual x, Dual y) { return x.a < y.a; }
inline bool operator>(Dual x, Dual y) { return x.a > y.a; }
inline bool operator<=(Dual x, Dual y) { return x.a <= y.a; }
inline bool operator==(Dual x, Dual y) { return x.a == y.a; }

inline Dual exp(Dual x) { return Dual(std::exp(x.a), std::exp(x.a) * x.b); }
inline Dual expm1(Dual x) { return Dual(std::expm1(x.a), std::exp(x.a) * x.b); }
inline Dual log(Dual x) { return Dual(std::log(x.a), x.b / x.a); }
inline Dual log1p(Dual x) { return Dual(std::log1p(x.a), x.b / (1 + x.a)); }
inline Dual tanh(Dual x) { return Dual(std::tanh(x.a), x.b / (std::cosh(x.a) * std::cosh(x.a))); }

}  // namespace fgan::test
