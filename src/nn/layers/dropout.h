// Dropout of hidden values: on in passes that name their masks, off in all others.  Not in place: the activation before it reads its
// own output when gradients come back.
#pragma once

#include "nn/layer.h"

namespace fgan {

class Dropout final : public Layer {
 public:
  // first_element: where this layer's elements begin in a row of random numbers that all layers of a network share.
  Dropout(double rate, std::int64_t first_element) : rate_(static_cast<float>(rate)), first_element_(first_element) {}

  Shape declare(ParamStore& params, Shape in) override;
  void prepare(Ops&, const LayerNeeds&) const override {}
  void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const override;
  void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const override;
  bool gradient_in_place() const override { return true; }
  bool reads_input() const override { return false; }

 private:
  math::DropoutSpec spec(const Pass& pass) const;

  float rate_;
  std::int64_t first_element_;
};

}  // namespace fgan
