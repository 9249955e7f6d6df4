#include "nn/architectures/builder.h"

#include "base/error.h"
#include "nn/layers/dense.h"
#include "nn/layers/dropout.h"

namespace fgan {
namespace {

Normalize::Kind normalize_kind(Normalization normalization) {
  switch (normalization) {
    case Normalization::batch: return Normalize::Kind::batch;
    case Normalization::reference_batch: return Normalize::Kind::reference;
    case Normalization::virtual_batch: return Normalize::Kind::virtual_batch;
    default: throw std::logic_error("normalization was not resolved");
  }
}

}  // namespace

void NetworkBuilder::dense(Shape out) {
  linear_ = next();
  linear_is_dense_ = true;
  network_->add(std::make_unique<Dense>(linear_, out, options_.init_deviation));
}

void NetworkBuilder::conv(ConvSpec spec, std::int64_t channels) { add_conv(Conv::Direction::forward, spec, channels); }

void NetworkBuilder::conv_transpose(ConvSpec spec, std::int64_t channels) { add_conv(Conv::Direction::transposed, spec, channels); }

void NetworkBuilder::add_conv(Conv::Direction direction, ConvSpec spec, std::int64_t channels) {
  linear_ = next();
  linear_is_dense_ = false;
  network_->add(std::make_unique<Conv>(linear_, direction, spec, channels, options_.init_deviation));
}

math::ActivationSpec NetworkBuilder::hidden_activation() const {
  const auto kind = [&] {
    switch (options_.activation) {
      case HiddenActivation::relu: return math::Activation::relu;
      case HiddenActivation::leaky_relu: return math::Activation::leaky_relu;
      case HiddenActivation::elu: return math::Activation::elu;
      case HiddenActivation::tanh: return math::Activation::tanh;
      case HiddenActivation::sigmoid: return math::Activation::sigmoid;
      case HiddenActivation::automatic: break;
    }
    throw std::logic_error("hidden activation was not resolved");
  }();
  return {kind, static_cast<float>(options_.slope)};
}

void NetworkBuilder::bias(math::ActivationSpec activation) {
  auto layer = std::make_unique<BiasActivation>(linear_, true, activation);
  if (linear_is_dense_) layer->per_element();
  network_->add(std::move(layer));
  if (activation.kind != math::Activation::none) next();
}

void NetworkBuilder::hidden() {
  if (options_.normalization == Normalization::none) return hidden_without_normalization();
  const double gain_deviation = options_.architecture == Architecture::dcgan ? 0.02 : 0.0;
  add_normalize(normalize_kind(options_.normalization), hidden_activation(), gain_deviation);
  next();
  dropout();
}

void NetworkBuilder::hidden_without_normalization() {
  bias(hidden_activation());
  dropout();
}

// No module of its own in the names: the same weights fit with and without it.
void NetworkBuilder::dropout() {
  if (!(options_.dropout > 0)) return;
  network_->add(std::make_unique<Dropout>(options_.dropout, dropped_elements_));
  dropped_elements_ += (network_->output_shape().example() + 3) / 4 * 4;
}

void NetworkBuilder::output(math::ActivationSpec activation) { bias(activation); }

void NetworkBuilder::affine() { add_normalize(Normalize::Kind::affine, math::ActivationSpec{}, 0.0); }

void NetworkBuilder::add_normalize(Normalize::Kind kind, math::ActivationSpec activation, double gain_deviation) {
  network_->add(std::make_unique<Normalize>(next(), kind, activation, gain_deviation, options_.reference_gradient));
}

}  // namespace fgan
