// Activations with their kind known to the compiler, so that loops over them have no branch: f(activation) is compiled once per kind.
#pragma once

#include "math/activation.h"

namespace fgan {

template <math::Activation kKind>
struct FixedActivation {
  float parameter;
  float value(float x) const { return math::value(math::ActivationSpec{kKind, parameter}, x); }
  float slope_from_output(float y) const { return math::slope_from_output(math::ActivationSpec{kKind, parameter}, y); }
};

template <class F>
void with_activation(const math::ActivationSpec& spec, const F& f) {
  using enum math::Activation;
  switch (spec.kind) {
    case none: return f(FixedActivation<none>{spec.slope});
    case relu: return f(FixedActivation<relu>{spec.slope});
    case leaky_relu: return f(FixedActivation<leaky_relu>{spec.slope});
    case elu: return f(FixedActivation<elu>{spec.slope});
    case math::Activation::tanh: return f(FixedActivation<math::Activation::tanh>{spec.slope});
    case math::Activation::sigmoid: return f(FixedActivation<math::Activation::sigmoid>{spec.slope});
  }
}

}  // namespace fgan
