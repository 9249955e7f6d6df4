#include "nn/layers/dense.h"

#include <cmath>

namespace fgan {

Shape Dense::declare(ParamStore& params, Shape in) {
  in_ = in;
  const Shape matrix{out_.example(), 1, 1, in.example()};
  const double deviation = deviation_ >= 0 ? deviation_ : 1 / std::sqrt(static_cast<double>(in.example()));
  weight_ = params.add({.name = name_ + ".weight", .shape = matrix, .layout = StoredLayout::dense(in, out_), .deviation = deviation});
  return out_;
}

void Dense::prepare(Ops& ops, const LayerNeeds& needs) const { ops.prepare_linear(needs.rows, in_.example(), out_.example()); }

void Dense::forward(const Pass& pass, const ParamStore& params, In x, Out y, Out) const {
  const Tensor rows = y.reshaped({y.shape.n, 1, 1, y.shape.example()});  // a bias for each number, also of an image
  pass.ops.linear(pass.queue, x, pass.matrix(params, weight_, x.dtype), pass.epilogue, rows);
}

void Dense::backward(const Pass& pass, const ParamStore& params, In x, In, In dy, Out dx, In) const {
  if (pass.parameter_gradients) pass.ops.linear_grad_weight(pass.queue, x, dy, params.tensor(Block::gradient, weight_));
  if (dx) pass.ops.linear_grad_input(pass.queue, dy, pass.matrix(params, weight_, x.dtype), dx);
}

}  // namespace fgan
