// The ops of the GPU, one source file per family: convolutions by cuDNN, dense layers by cuBLASLt, all else by kernels/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "device/cuda/cudnn_conv.h"
#include "device/cuda/memory.h"
#include "device/cuda/products.h"
#include "device/cuda/tally.h"
#include "device/ops.h"
#include "kernels/array.h"

namespace fgan {

inline float* f32(In t) { return static_cast<float*>(t.data); }
inline kernels::Array array(In t) { return {t.data, t.dtype == DType::bf16 ? kernels::Type::bf16 : kernels::Type::f32}; }

class CudaOps final : public Ops {
 public:
  // machine, plan_file: see cuda::Convolutions; recording: whether a recording is being made, from now on; tally: told of all that is done
  CudaOps(const cuda::Api&, cudaStream_t, const DeviceOptions&, const std::string& machine, const std::filesystem::path& plan_file,
          const bool& recording, cuda::Tally& tally);
  cuda::Convolutions& convolutions() { return convolutions_; }
  const cuda::Convolutions& convolutions() const { return convolutions_; }
  std::size_t workspace_bytes() const { return scratch_.bytes(); }
  void settle() { scratch_.settle(); }  // before a recording: allocates what prepare_* found to be needed

  void prepare_conv(const ConvJob&) override;
  void conv(Queue&, const ConvSpec&, In x, In filter, const Epilogue&, Out y) override;
  void conv_grad_input(Queue&, const ConvSpec&, In dy, In filter, const Epilogue&, Out dx) override;
  void conv_grad_filter(Queue&, const ConvSpec&, In x, In dy, Out dfilter) override;

  void prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) override;
  void linear(Queue&, In x, In weight, const Epilogue&, Out y) override;
  void linear_grad_input(Queue&, In dy, In weight, Out dx) override;
  void linear_grad_weight(Queue&, In x, In dy, Out dweight) override;

  void prepare_channels(const Shape&) override;
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
  unsigned* arrivals() const { return static_cast<unsigned*>(arrivals_.get()); }

  struct PreparedConv {
    ConvJob job;
    const cuda::Plan* plan = nullptr;  // null: it is a dense layer
    bool splits = false;               // the plan is without the epilogue
  };

  const PreparedConv& prepared(const ConvJob&) const;
  void finish(Queue&, const Epilogue&, Out y);
  void copy_bytes(In x, Out y);
  void run(const PreparedConv&, const cuda::ConvMemory&, void* workspace);
  // product = a b, where an operand that is f32 beside bf16 is rounded on the way.
  void multiply(const cuda::Product& product, In a, In b, In bias, Out c);

  const cuda::Api& api_;
  cuda::Tally& tally_;
  kernels::Stream stream_;
  DeviceOptions options_;
  cuda::Scratch scratch_;
  cuda::DeviceMemory arrivals_;  // for kernels whose last block does more than the others (kernels/last_block.cuh)
  cuda::Products products_;
  cuda::Owned<cudnnHandle_t, cudnnStatus_t> cudnn_;
  cuda::Convolutions convolutions_;
  std::vector<PreparedConv> convolutions_prepared_;  // a few dozen: comparing shapes in a row costs less than hashing them
};

}  // namespace fgan
