// y = x W': rows flattened, W [out, in].
#pragma once

#include "nn/layer.h"

namespace fgan {

class Dense final : public Layer {
 public:
  Dense(std::string name, Shape out, double deviation) : name_(std::move(name)), out_(out), deviation_(deviation) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops& ops, const LayerNeeds& needs) const override;
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  bool takes_epilogue() const override { return true; }
  double macs() const override { return static_cast<double>(in_.example() * out_.example()); }

 private:
  std::string name_;
  Shape in_, out_;
  double deviation_;  // of the initial weights; negative: 1 / sqrt(inputs)
  int weight_ = -1;
};

}  // namespace fgan
