// y = activation(x + bias), and its gradient read off y.
#include "base/error.h"
#include "device/naive/ops.h"

namespace fgan {

void NaiveOps::bias_act(Queue&, const math::ActivationSpec& activation, In x, In bias, Out y) {
  FGAN_CHECK(x.shape == y.shape && (!bias || bias.shape.count() == x.shape.c), "bias_act of {}", to_string(x.shape));
  for (std::int64_t i = 0; i < x.shape.count(); ++i) {
    const double b = bias ? floats(bias)[i % x.shape.c] : 0.0f;
    floats(y)[i] = static_cast<float>(math::value(activation, floats(x)[i] + b));
  }
}

void NaiveOps::bias_act_grad(Queue&, const math::ActivationSpec& activation, In y, In dy, Out dx, Out dbias) {
  const std::int64_t channels = y.shape.c;
  FGAN_CHECK(y.shape == dy.shape && y.shape == dx.shape && (!dbias || dbias.shape.count() == channels), "bias_act_grad of {}",
             to_string(y.shape));
  for (std::int64_t c = 0; c < channels; ++c) {
    double sum = 0;
    for (std::int64_t i = c; i < y.shape.count(); i += channels) {
      const double d = floats(dy)[i] * math::slope_from_output(activation, static_cast<double>(floats(y)[i]));
      floats(dx)[i] = static_cast<float>(d);
      sum += d;
    }
    if (dbias) floats(dbias)[c] = static_cast<float>(sum);
  }
}

}  // namespace fgan
