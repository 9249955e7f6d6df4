// The ops of the CPU device, one source file per family.  Convolutions and products are looked up among the plans that prepare_* built;
// all else are loops over memory, at most two sweeps each.
#pragma once

#include <deque>
#include <vector>

#include "device/cpu/memory.h"
#include "device/cpu/onednn.h"
#include "device/cpu/parallel.h"
#include "device/device.h"
#include "device/ops.h"
#include "math/bf16.h"

namespace fgan {

inline float* f32(In t) { return static_cast<float*>(t.data); }

// Of a tensor marked [t]: loops read with math::to_float and write with math::from_float<T>, which the compiler vectorises.
template <class T>
T* numbers(In t) {
  return static_cast<T*>(t.data);
}
// f(T{}) with T what the tensor holds, float or math::Bf16.
template <class F>
void with_type_of(In t, const F& f) {
  if (t.dtype == DType::bf16) f(math::Bf16{});
  else f(float{});
}

class CpuOps final : public Ops {
 public:
  // activations: bf16 where those marked [t] may be
  CpuOps(const Team& team, DType activations, ConvRoute route)
      : team_(team), activations_(activations), route_(route), onednn_(team, scratch_) {}

  std::size_t workspace_bytes() const { return scratch_.bytes() + columns_.bytes() + converted_.bytes(); }

  void prepare_conv(const ConvJob&) override;
  void conv(Queue&, const ConvSpec&, In x, In filter, const Epilogue&, Out y) override;
  void conv_grad_input(Queue&, const ConvSpec&, In dy, In filter, const Epilogue&, Out dx) override;
  void conv_grad_filter(Queue&, const ConvSpec&, In x, In dy, Out dfilter) override;

  void prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) override;
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

 private:
  struct ConvPlan {
    ConvJob job;
    std::unique_ptr<Plan> plan;  // none: the operation is a dense layer on flattened rows
  };
  struct LinearPlan {
    std::int64_t rows, in, out;
    DType dtype;  // of the operands
    std::unique_ptr<Plan> forward, forward_to_f32, grad_input, grad_weight;
  };

  std::unique_ptr<Plan> plan_of(const ConvJob&);
  ConvPlan* find(const ConvJob&);
  ConvPlan& prepared(const ConvJob&);
  void finish(Queue&, const Epilogue&, Out y);
  LinearPlan* find_linear(std::int64_t rows, std::int64_t in, std::int64_t out, DType);
  LinearPlan& prepared_linear(const Shape& x, const Shape& weight, const Shape& y, DType);
  void prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out, DType);
  Tensor operand(Queue&, In dy, DType);  // dy, rounded where it is f32 beside bf16
  void augmented_pixels_in(const math::PixelRange&, const math::Augmentation&, In counter, In pixels, Out y);

  Team team_;
  DType activations_;
  ConvRoute route_;
  std::vector<double> partial_sums_;  // of the optimiser
  Memory scratch_;                    // of plans
  OneDnn onednn_;
  std::deque<ConvPlan> convs_;  // a few dozen: comparing shapes in a row costs less than hashing them
  std::deque<LinearPlan> linears_;
  Memory columns_;          // of columns.h
  Memory converted_;        // what is f32 beside bf16: a dense layer's dy, rounded; a gradient of a filter, before it is
  Memory partials_, wide_;  // of the reductions: sums of chunks; per-channel numbers repeated to the width of the loops
};

}  // namespace fgan
