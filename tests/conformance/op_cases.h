// THE table of op cases.  A case is a call of one op on named operands: every device runs it and is compared with the oracle, word for
// word around the outputs and to a derived tolerance inside.  A gradient case ties a forward call to a gradient call by differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/ops.h"

namespace fgan::conformance {

// How an operand is filled before the call; outputs are filled with a pattern that no op may leave behind.
struct Fill {
  enum Kind { uniform, away_from_zero, constant, ramp, absent, output } kind = uniform;
  double low = -1, high = 1;  // of uniform; magnitude of away_from_zero; low is the constant
};

struct Operand {
  Shape shape;
  Fill fill{};
  DType dtype = DType::f32;
  int over = -1;  // lies over the memory of that operand (in place)
  // For outputs and operands that are updated: error allowed is kSlack * eps * sqrt(length) * terms, see tolerance().
  double length = 1, terms = 1;
  bool updated = false;  // read and written
};

inline Operand input(Shape s) { return {.shape = s}; }
inline Operand between(Shape s, double low, double high) { return {.shape = s, .fill = {Fill::uniform, low, high}}; }
inline Operand absent() { return {.shape = {}, .fill = {Fill::absent}}; }
inline Operand result(Shape s, double length, double terms) {
  return {.shape = s, .fill = {Fill::output}, .length = length, .terms = terms};
}
// A sum of `length` products of uniform(-1, 1): what is rounded at each step is the running sum, itself a random walk of steps 1/3.
inline Operand sum_of_products(Shape s, std::int64_t length) {
  const auto n = static_cast<double>(length);
  return result(s, n, std::max(1.0, 2 * std::sqrt(n) / 3));
}
inline Operand result_over(int operand, Shape s, double length, double terms) {
  Operand o = result(s, length, terms);
  o.over = operand;
  return o;
}
inline Operand row(std::int64_t count) { return input({1, 1, 1, count}); }

using Tensors = std::vector<Tensor>;

struct OpCase {
  std::string family, name;
  std::vector<Operand> operands;
  std::function<void(Ops&)> prepare = [](Ops&) {};
  std::function<void(Ops&, Queue&, const Tensors&)> call;
};

// <dy, forward(inputs)> differentiated by each wanted input, against what `gradient` says.
struct GradientCase {
  std::string family, name;
  std::vector<Operand> inputs;
  Shape y;
  std::vector<bool> wanted;  // per input: the gradient call fills grads[i]
  std::function<void(Ops&, Queue&, const Tensors& inputs, Out y)> forward;
  std::function<void(Ops&, Queue&, const Tensors& inputs, In y, In dy, const Tensors& grads)> gradient;
};

std::vector<OpCase> conv_cases();
std::vector<OpCase> linear_cases();
std::vector<OpCase> bias_act_cases();
std::vector<OpCase> normalize_cases();
std::vector<OpCase> game_cases();
std::vector<OpCase> optimizer_cases();
std::vector<OpCase> noise_pixels_cases();

std::vector<GradientCase> gradient_cases();

// Every divergence in each of its parametrisations, objectives and smoothings.
std::vector<std::pair<std::string, math::GameSpec>> games();

std::string name_of(math::Activation kind);

}  // namespace fgan::conformance
