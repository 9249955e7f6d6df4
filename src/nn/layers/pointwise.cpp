#include "nn/layers/pointwise.h"

namespace fgan {

Shape BiasActivation::declare(ParamStore& params, Shape in) {
  shape_ = in;
  if (!with_bias_) return in;
  const std::int64_t count = per_element_ ? in.example() : in.c;
  const StoredLayout layout = per_element_ ? StoredLayout::dense_bias(in) : StoredLayout::plain({count});
  bias_ = params.add({.name = name_ + ".bias", .shape = {1, 1, 1, count}, .layout = layout});
  return in;
}

void BiasActivation::prepare(Ops& ops, const LayerNeeds& needs) const {
  if (needs.gradients || needs.input_gradient) ops.prepare_channels(flattened(shape_.rows(needs.rows)));
}

Epilogue BiasActivation::epilogue(const ParamStore& params, Block weights) const {
  return {activation_, with_bias_ ? params.tensor(weights, bias_) : Tensor{}};
}

void BiasActivation::forward(const Pass& pass, const ParamStore& params, In x, Out y, Out) const {
  const Epilogue e = epilogue(params, pass.weights);
  pass.ops.bias_act(pass.queue, e.activation, flattened(x), e.bias, flattened(y));
}

void BiasActivation::backward(const Pass& pass, const ParamStore& params, In, In y, In dy, Out dx, In) const {
  const bool wanted = with_bias_ && pass.parameter_gradients;
  pass.ops.bias_act_grad(pass.queue, activation_, flattened(y), flattened(dy), flattened(dx),
                         wanted ? params.tensor(Block::gradient, bias_) : Tensor{});
}

Shape Normalize::declare(ParamStore& params, Shape in) {
  shape_ = in;
  const Shape vector{1, 1, 1, in.c};
  // PyTorch's names for batch norm; the affine generator's are sigma and mu of the paper's section 2.5.
  const bool affine = kind_ == Kind::affine;
  gain_ = params.add({.name = name_ + (affine ? ".sigma" : ".weight"),
                      .shape = vector,
                      .layout = StoredLayout::plain({in.c}),
                      .mean = 1,
                      .deviation = gain_deviation_});
  bias_ = params.add({.name = name_ + (affine ? ".mu" : ".bias"), .shape = vector, .layout = StoredLayout::plain({in.c})});
  return in;
}

void Normalize::prepare(Ops& ops, const LayerNeeds& needs) const { ops.prepare_channels(shape_.rows(needs.rows)); }

NormSpec Normalize::spec(const Pass& pass) const {
  NormSpec spec{.statistics = pass.statistics, .activation = activation_, .reference_gradient = reference_gradient_};
  if (kind_ == Kind::affine) spec.statistics = Statistics::none;
  if (kind_ == Kind::reference) spec.statistics = Statistics::reference;
  if (kind_ == Kind::virtual_batch) spec.statistics = Statistics::virtual_batch;
  return spec;
}

void Normalize::forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const {
  pass.ops.normalize(pass.queue, spec(pass), pass.groups, x, params.tensor(pass.weights, gain_), params.tensor(pass.weights, bias_), y,
                     moments);
}

void Normalize::backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const {
  const bool wanted = pass.parameter_gradients;
  pass.ops.normalize_grad(pass.queue, spec(pass), pass.groups, x, y, dy, params.tensor(pass.weights, gain_), moments, dx,
                          wanted ? params.tensor(Block::gradient, gain_) : Tensor{},
                          wanted ? params.tensor(Block::gradient, bias_) : Tensor{});
}

}  // namespace fgan
