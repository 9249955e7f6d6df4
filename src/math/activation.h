// Activations of the layers: y = value(x), and the slope dy/dx from y alone, so that no layer needs to keep x.
// A number that is not finite passes through: hiding it here would hide the fault that made it.
#pragma once

#include "math/exponential.h"
#include "math/scalar.h"

namespace fgan::math {

enum class Activation : int { none, relu, leaky_relu, elu, tanh, sigmoid };

struct ActivationSpec {
  Activation kind = Activation::none;
  float slope = 0.2f;  // of leaky_relu for x < 0, > 0
};
inline bool operator==(const ActivationSpec& a, const ActivationSpec& b) { return a.kind == b.kind && a.slope == b.slope; }

template <class S>
FGAN_HD S value(const ActivationSpec& spec, S x) {
  switch (spec.kind) {
    case Activation::none: return x;
    case Activation::relu: return x < S(0) ? S(0) : x;
    case Activation::leaky_relu: return x < S(0) ? S(spec.slope) * x : x;
    case Activation::elu: return x < S(0) ? expm1_of_negative(x) : x;
    case Activation::tanh: return tanh_of(x);
    case Activation::sigmoid: return sigmoid(x);
  }
  return x;
}

// At the kink of relu and leaky_relu, y = 0, the slope is that of the left side.
template <class S>
FGAN_HD S slope_from_output(const ActivationSpec& spec, S y) {
  switch (spec.kind) {
    case Activation::none: return S(1);
    case Activation::relu: return y > S(0) ? S(1) : S(0);
    case Activation::leaky_relu: return y > S(0) ? S(1) : S(spec.slope);
    case Activation::elu: return y > S(0) ? S(1) : y + S(1);
    case Activation::tanh: return (S(1) - y) * (S(1) + y);
    case Activation::sigmoid: return y * (S(1) - y);
  }
  return S(1);
}

// An activation whose kind the compiler knows, so that loops over it have no branch.
template <Activation kKind>
struct FixedActivation {
  float parameter;
  FGAN_HD float value(float x) const { return math::value(ActivationSpec{kKind, parameter}, x); }
  FGAN_HD float slope_from_output(float y) const { return math::slope_from_output(ActivationSpec{kKind, parameter}, y); }
};

// f(activation), compiled once for each kind
FGAN_HD_CALLS_GIVEN
template <class F>
FGAN_HD void with_activation(const ActivationSpec& spec, const F& f) {
  switch (spec.kind) {
    case Activation::none: return f(FixedActivation<Activation::none>{spec.slope});
    case Activation::relu: return f(FixedActivation<Activation::relu>{spec.slope});
    case Activation::leaky_relu: return f(FixedActivation<Activation::leaky_relu>{spec.slope});
    case Activation::elu: return f(FixedActivation<Activation::elu>{spec.slope});
    case Activation::tanh: return f(FixedActivation<Activation::tanh>{spec.slope});
    case Activation::sigmoid: return f(FixedActivation<Activation::sigmoid>{spec.slope});
  }
}

}  // namespace fgan::math
