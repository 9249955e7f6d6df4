// y = activation(x + bias), and its gradient read off y.
#include "device/naive/ops.h"

namespace fgan {

void NaiveOps::bias_act(Queue&, const math::ActivationSpec& activation, In x, In bias, Out y) {
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && (!bias || bias.shape.count() == x.shape.c), "bias_act of {}", to_string(x.shape));
  Numbers values = read(x);
  add_bias_and_activate(values, read(bias), activation);
  write(values, y);
}

void NaiveOps::bias_act_grad(Queue&, const math::ActivationSpec& activation, In y, In dy, Out dx, Out dbias) {
  const auto channels = static_cast<std::size_t>(y.shape.c);
  FGAN_CHECK(y.shape == dy.shape && y.shape == dx.shape && y.dtype == dy.dtype && y.dtype == dx.dtype &&
                 (!dbias || dbias.shape.count() == y.shape.c),
             "bias_act_grad of {}", to_string(y.shape));
  const Numbers outputs = read(y);
  Numbers slopes = read(dy), sums(channels);
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    slopes[i] *= math::slope_from_output(activation, outputs[i]);
    sums[i % channels] += slopes[i];
  }
  write(slopes, dx);
  if (dbias) write(sums, dbias);
}

}  // namespace fgan
