// Convolution and transposed convolution: one operation read in two directions.  The filter is [out, h, w, in] of the convolution; for
// the transposed layer the convolution runs from its output image to its input image, so "out" are its input channels.
#pragma once

#include "nn/layer.h"

namespace fgan {

class Conv final : public Layer {
 public:
  Conv(std::string name, ConvSpec spec, std::int64_t channels, double deviation)
      : name_(std::move(name)), spec_(spec), channels_(channels), deviation_(deviation) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops& ops, std::int64_t rows, bool gradients, bool input_gradient) const override;
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  double macs() const override { return static_cast<double>(out_.h * out_.w * filter_.count()); }

 private:
  std::string name_;
  ConvSpec spec_;
  std::int64_t channels_;
  double deviation_;
  Shape in_, out_, filter_;
  int weight_ = -1;
};

class ConvTranspose final : public Layer {
 public:
  ConvTranspose(std::string name, ConvSpec spec, std::int64_t channels, double deviation)
      : name_(std::move(name)), spec_(spec), channels_(channels), deviation_(deviation) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops& ops, std::int64_t rows, bool gradients, bool input_gradient) const override;
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  double macs() const override { return static_cast<double>(in_.h * in_.w * filter_.count()); }

 private:
  std::string name_;
  ConvSpec spec_;
  std::int64_t channels_;
  double deviation_;
  Shape in_, out_, filter_;
  int weight_ = -1;
};

}  // namespace fgan
