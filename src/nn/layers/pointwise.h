// Bias and activation in one pass, in place; and normalisation with its activation.
#pragma once

#include "nn/layer.h"

namespace fgan {

class BiasActivation final : public Layer {
 public:
  // name: that of the layer the bias belongs to; with_bias false: activation alone.
  BiasActivation(std::string name, bool with_bias, math::ActivationSpec activation)
      : name_(std::move(name)), with_bias_(with_bias), activation_(activation) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops&, std::int64_t, bool, bool) const override {}
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  bool in_place() const override { return true; }
  bool reads_output() const override { return true; }
  BiasActivation& per_element() {
    per_element_ = true;
    return *this;
  }

 private:
  // A dense layer's bias is one number per output, also when the output is an image: then rows are flattened.
  Tensor flattened(In x) const { return x.reshaped(per_element_ ? Shape{x.shape.n, 1, 1, x.shape.example()} : x.shape); }

  std::string name_;
  bool with_bias_;
  math::ActivationSpec activation_;
  bool per_element_ = false;
  int bias_ = -1;
};

// Batch normalisation (Ioffe and Szegedy 2015) per row group with its activation, or with statistics none x = mu + sigma z.
class Normalize final : public Layer {
 public:
  enum class Kind { batch, affine };
  Normalize(std::string name, Kind kind, math::ActivationSpec activation, double gain_deviation)
      : name_(std::move(name)), kind_(kind), activation_(activation), gain_deviation_(gain_deviation) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops&, std::int64_t, bool, bool) const override {}
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  bool gradient_in_place() const override { return true; }
  bool reads_output() const override { return true; }
  std::int64_t moment_channels() const override { return kind_ == Kind::batch ? channels_ : 0; }
  std::string moment_name() const override { return name_; }

 private:
  NormSpec spec(const Pass& pass) const;

  std::string name_;
  Kind kind_;
  math::ActivationSpec activation_;
  double gain_deviation_;  // DCGAN: gain ~ N(1, 0.02)
  std::int64_t channels_ = 0;
  int gain_ = -1, bias_ = -1;
};

}  // namespace fgan
