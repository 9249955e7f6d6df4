// The ops of the oracle, one source file per family.
#pragma once

#include "device/naive/numbers.h"
#include "device/ops.h"

namespace fgan {

class NaiveOps : public Ops {
 public:
  void prepare_conv(const ConvJob&) override {}
  void conv(Queue&, const ConvSpec&, In x, In filter, const Epilogue&, Out y) override;
  void conv_grad_input(Queue&, const ConvSpec&, In dy, In filter, const Epilogue&, Out dx) override;
  void conv_grad_filter(Queue&, const ConvSpec&, In x, In dy, Out dfilter) override;

  void prepare_linear(std::int64_t, std::int64_t, std::int64_t) override {}
  void linear(Queue&, In x, In weight, const Epilogue&, Out y) override;
  void linear_grad_input(Queue&, In dy, In weight, Out dx) override;
  void linear_grad_weight(Queue&, In x, In dy, Out dweight) override;

  void prepare_channels(const Shape&) override {}
  void bias_act(Queue&, const math::ActivationSpec&, In x, In bias, Out y) override;
  void bias_act_grad(Queue&, const math::ActivationSpec&, In y, In dy, Out dx, Out dbias) override;

  void normalize(Queue&, const NormSpec&, Groups, In x, In gain, In bias, Out y, Out moments) override;
  void normalize_grad(Queue&, const NormSpec&, Groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain, Out dbias) override;

  void game(Queue&, const math::GameSpec&, Groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) override;

  void optimizer_step(Queue&, const math::OptimizerSpec&, const OptimizerBlocks&, Out counters) override;

  void noise(Queue&, Noise, std::uint64_t seed, math::Purpose, Out counter, std::int64_t advance, Out y) override;
  void dropout(Queue&, const math::DropoutSpec&, In counter, In x, Out y) override;
  void pixels_in(Queue&, const math::PixelRange&, const math::Augmentation&, In counter, In pixels, Out y) override;
  void pixels_out(Queue&, const math::PixelRange&, In x, Out pixels) override;

  void copy(Queue&, In x, Out y) override;
};

}  // namespace fgan
