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
  void prepare(Ops& ops, const LayerNeeds& needs) const override;
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  Epilogue epilogue(const ParamStore& params, Block weights) const override;
  bool in_place() const override { return true; }
  bool reads_output() const override { return true; }
  BiasActivation& per_element() {
    per_element_ = true;
    return *this;
  }

 private:
  // A dense layer's bias is one number per output, also when the output is an image: then rows are flattened.
  Shape flattened(const Shape& s) const { return per_element_ ? Shape{s.n, 1, 1, s.example()} : s; }
  Tensor flattened(In x) const { return x.reshaped(flattened(x.shape)); }

  std::string name_;
  bool with_bias_;
  math::ActivationSpec activation_;
  bool per_element_ = false;
  Shape shape_;
  int bias_ = -1;
};

// Normalisation with its activation: by the statistics of each row group (Ioffe and Szegedy 2015), of a reference group, or of a
// reference group and the row (Salimans et al. 2016); or without statistics x = mu + sigma z.
class Normalize final : public Layer {
 public:
  enum class Kind { batch, reference, virtual_batch, affine };
  // reference_gradient: see NormSpec
  Normalize(std::string name, Kind kind, math::ActivationSpec activation, double gain_deviation, bool reference_gradient)
      : name_(std::move(name)),
        kind_(kind),
        activation_(activation),
        gain_deviation_(gain_deviation),
        reference_gradient_(reference_gradient) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops& ops, const LayerNeeds& needs) const override;
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  bool gradient_in_place() const override { return true; }
  bool reads_output() const override { return true; }
  std::int64_t moment_channels() const override { return kind_ == Kind::affine ? 0 : shape_.c; }
  std::int64_t moment_sets(std::int64_t rows, int groups) const override {
    return kind_ == Kind::virtual_batch ? rows : kind_ == Kind::reference ? 1 : groups;
  }
  std::string moment_name() const override { return kind_ == Kind::batch ? name_ : ""; }
  bool needs_reference() const override { return kind_ == Kind::reference || kind_ == Kind::virtual_batch; }

 private:
  NormSpec spec(const Pass& pass) const;

  std::string name_;
  Kind kind_;
  math::ActivationSpec activation_;
  double gain_deviation_;  // DCGAN: gain ~ N(1, 0.02)
  bool reference_gradient_;
  Shape shape_;
  int gain_ = -1, bias_ = -1;
};

}  // namespace fgan
