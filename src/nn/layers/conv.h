// Convolution and transposed convolution: one operation read in two directions.  It runs from the image to the features; the filter is
// [features, h, w, image channels].  The transposed layer's input are the features and its output is the image.
#pragma once

#include "nn/layer.h"

namespace fgan {

class Conv final : public Layer {
 public:
  enum class Direction { forward, transposed };

  // channels: of the output.  deviation: of the initial weights; negative: 1 / sqrt(inputs of an output).
  Conv(std::string name, Direction direction, ConvSpec spec, std::int64_t channels, double deviation)
      : name_(std::move(name)), direction_(direction), spec_(spec), channels_(channels), deviation_(deviation) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops& ops, const LayerNeeds& needs) const override;
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  bool takes_epilogue() const override { return true; }
  double macs() const override { return static_cast<double>(features_.h * features_.w * filter_.count()); }

 private:
  bool transposed() const { return direction_ == Direction::transposed; }

  std::string name_;
  Direction direction_;
  ConvSpec spec_;
  std::int64_t channels_;
  double deviation_;
  Shape image_, features_, filter_;
  int weight_ = -1;
};

}  // namespace fgan
