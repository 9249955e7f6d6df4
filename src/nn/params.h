// Parameters of one network in flat blocks, one per role, so that optimiser, average, finite check and checkpoint are one call each.
// A parameter is an aligned slice; slices are padded with zeros that stay zero because their gradient does.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/ops.h"
#include "tensor/tensor.h"

namespace fgan {

// rounded: the weights in bf16, for what computes in it; all others are f32, but for gradients that a device rounds (rounded_gradients).
enum class Block : std::uint8_t { weights, gradient, first_moment, second_moment, average, rounded, count };
inline DType type_of(Block block) { return block == Block::rounded ? DType::bf16 : DType::f32; }

// How a slice in device order relates to PyTorch's tensor of the same name: device memory holds `axes` row-major, PyTorch holds them
// permuted (its axis k is our axis order[k]) under dimensions `dims`.
struct StoredLayout {
  std::array<std::int64_t, 4> axes{1, 1, 1, 1};
  std::array<int, 4> order{0, 1, 2, 3};
  std::vector<std::int64_t> dims;

  static StoredLayout plain(std::vector<std::int64_t> dims);
  static StoredLayout filter(const Shape& ohwi);  // -> (out, in, kh, kw)
  // A dense weight [out, in] whose inputs and outputs may be images: HWC order here, CHW order there.
  static StoredLayout dense(const Shape& in, const Shape& out);
  static StoredLayout dense_bias(const Shape& out);
};

// Host copies between the two orders; `count` elements of a slice.
std::vector<float> to_stored(const StoredLayout& layout, const float* device_order);
std::vector<float> from_stored(const StoredLayout& layout, const float* stored_order);

struct Parameter {
  std::string name;  // PyTorch's: "main.0.weight"
  Shape shape;       // in device order
  StoredLayout layout;
  double mean = 0, deviation = 0;  // of the initial normal distribution
  bool rounded_gradient = false;   // its gradient is bf16 where the network computes in that
  std::int64_t offset = 0;         // elements of a block
};

class ParamStore {
 public:
  // Declares a parameter; returns its index.
  int add(Parameter parameter);
  // Allocates weights and, for training, gradient and moments (the second not for sgd), the average and the rounded weights.
  struct Blocks {
    bool gradient = false, first_moment = false, second_moment = false, average = false, rounded = false;
  };
  void allocate(Device& device, const Blocks& blocks);
  // Draws the initial values: normal numbers keyed by (seed, player), so that they depend on nothing else.  The average starts equal.
  void initialize(Device& device, std::uint64_t seed, int player);
  // Enqueues rounding the weights where a rounded block is wanted: after they came from elsewhere than an update.
  void round(Device& device);

  const std::vector<Parameter>& parameters() const { return parameters_; }
  bool has(Block block) const { return blocks_[static_cast<std::size_t>(block)] != nullptr; }
  Tensor tensor(Block block, int index) const;
  Tensor flat(Block block) const;                // null data when the block is absent
  std::vector<Slice> rounded_gradients() const;  // of the flat gradient, those that tensor() says to be bf16
  std::int64_t count() const;                    // parameters, without padding
  std::size_t bytes() const;                     // of all blocks

 private:
  bool rounds_gradient(const Parameter& parameter) const { return parameter.rounded_gradient && has(Block::rounded); }

  std::vector<Parameter> parameters_;
  std::array<std::unique_ptr<Buffer>, static_cast<std::size_t>(Block::count)> blocks_;
  std::int64_t padded_ = 0;
};

}  // namespace fgan
