// Adds layers in the groups that occur (linear map, then bias or normalisation, with activation, then dropout if asked for) and counts
// modules for their names.
#pragma once

#include <memory>

#include "nn/layers/conv.h"
#include "nn/layers/pointwise.h"
#include "nn/network.h"
#include "nn/options.h"

namespace fgan {

class NetworkBuilder {
 public:
  NetworkBuilder(Shape input, const ModelOptions& options) : network_(std::make_unique<Network>(input)), options_(options) {}

  void dense(Shape out);
  void conv(ConvSpec spec, std::int64_t channels);
  void conv_transpose(ConvSpec spec, std::int64_t channels);
  // After one of the above: normalisation if the options say so (else bias), the hidden activation, and dropout.
  void hidden();
  // Bias, the hidden activation and dropout, never normalised: DCGAN's rule for the critic's first layer.
  void hidden_without_normalization();
  // Bias and the given activation.
  void output(math::ActivationSpec activation);
  void affine();

  std::unique_ptr<Network> finish() { return std::move(network_); }

 private:
  std::string next() { return "main." + std::to_string(module_++); }
  math::ActivationSpec hidden_activation() const;
  void add_normalize(Normalize::Kind kind, math::ActivationSpec activation, double gain_deviation);
  void add_conv(Conv::Direction direction, ConvSpec spec, std::int64_t channels);
  void bias(math::ActivationSpec activation);
  void dropout();

  std::unique_ptr<Network> network_;
  ModelOptions options_;
  int module_ = 0;
  std::int64_t dropped_elements_ = 0;  // of a row, by the dropout layers so far
  std::string linear_;                 // name of the last linear map
  bool linear_is_dense_ = false;
};

}  // namespace fgan
