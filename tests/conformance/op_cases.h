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

// Which types an operand has in the forms of its case: its own; f32 or bf16 with all others like it ([t] in device/ops.h); or like these,
// or f32 beside bf16 (what comes out of a dense layer, and its gradient).
enum class Typed : std::uint8_t { fixed, alike, alike_or_f32 };

struct Operand {
  Shape shape;
  Fill fill{};
  DType dtype = DType::f32;
  Typed typed = Typed::fixed;
  bool of_bf16 = false;  // its numbers are those of bf16, also where f32 holds them
  int over = -1;         // lies over the memory of that operand (in place)
  // For outputs and operands that are updated: error allowed is kSlack * eps * sqrt(length) * terms, see tolerance().
  double length = 1, terms = 1;
  double inside = 0;     // magnitude of what may be rounded to bf16 on the way, where the case's type is bf16
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
inline Operand typed(Operand o) {
  o.typed = Typed::alike;
  return o;
}
inline Operand row(std::int64_t count) { return input({1, 1, 1, count}); }

using Tensors = std::vector<Tensor>;

struct OpCase {
  std::string family, name;
  std::vector<Operand> operands;
  std::function<void(Ops&, DType)> prepare = [](Ops&, DType) {};  // for the case's type
  std::function<void(Ops&, Queue&, const Tensors&)> call;
  DType dtype = DType::f32;  // bf16: only for devices whose activations are
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

// As they are stated: all but conversions in f32.
std::vector<OpCase> conv_cases();
std::vector<OpCase> linear_cases();
std::vector<OpCase> bias_act_cases();
std::vector<OpCase> normalize_cases();
std::vector<OpCase> game_cases();
std::vector<OpCase> optimizer_cases();
std::vector<OpCase> noise_pixels_cases();

// The case itself and its forms in bf16, named after their types.
std::vector<OpCase> forms(const OpCase& c);
std::vector<OpCase> forms(const std::vector<OpCase>& cases);
// THE table: every case in every form.
std::vector<OpCase> all_cases();

std::vector<GradientCase> gradient_cases();

// Every divergence in each of its parametrisations, objectives and smoothings.
std::vector<std::pair<std::string, math::GameSpec>> games();

std::string name_of(math::Activation kind);

}  // namespace fgan::conformance
