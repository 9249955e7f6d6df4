// A layer: what it adds to the parameters, and its two directions.  Layers hold no state of a pass: a pass gets everything it needs.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "device/ops.h"
#include "nn/params.h"

namespace fgan {

// What the dropout masks of a pass are a function of, beside layer and element.  The counter must not move between a pass forward and
// those back that belong to it.
struct DropoutMasks {
  std::uint64_t seed = 0;
  math::Purpose purpose = math::Purpose::critic_dropout;
  Tensor counter{};            // i64[1]; null: nothing is dropped
  std::int64_t first_row = 0;  // the number of the tape's first row
};

// One run through a network.
struct Pass {
  Queue& queue;
  Ops& ops;
  Groups groups;                              // of the rows this pass covers, starting at row 0
  Block weights = Block::weights;             // or average
  bool parameter_gradients = false;           // backward: write them, or leave them alone
  Statistics statistics = Statistics::batch;  // of batch normalisations: of this batch, or given in `moments`
  DropoutMasks masks{};
  Epilogue epilogue{};  // forward: what a layer that takes one ends with

  // A matrix that multiplies activations: in bf16 the rounded weights, which are those of no other block.
  Tensor matrix(const ParamStore& params, int index, DType activations) const {
    if (activations != DType::bf16) return params.tensor(weights, index);
    FGAN_CHECK(weights == Block::weights, "passes with averaged weights compute in f32");
    return params.tensor(Block::rounded, index);
  }
};

// What passes over `rows` rows will ask of a layer.
struct LayerNeeds {
  std::int64_t rows = 0;
  bool gradients = false;       // of its parameters
  bool input_gradient = false;  // dx
  DType dtype = DType::f32;     // of x
  Epilogue epilogue{};
};

// Shapes are those of one example (n = 1).
class Layer {
 public:
  virtual ~Layer() = default;

  // Called once, in order: declares parameters, returns the shape that goes out.
  virtual Shape declare(ParamStore& params, Shape in) = 0;
  // Called for every number of rows the layer will see, before the first pass.
  virtual void prepare(Ops& ops, const LayerNeeds& needs) const = 0;

  virtual void forward(const Pass& pass, const ParamStore& params, In x, Out y, Out moments) const = 0;
  // dx may be null: nobody wants it.  y is forward's output; for layers in place x == y and dx == dy.
  virtual void backward(const Pass& pass, const ParamStore& params, In x, In y, In dy, Out dx, In moments) const = 0;

  virtual bool in_place() const { return false; }  // y lies over x, dx over dy
  // What this layer does forward, if a product before it can end with that: forward is then not called.
  virtual Epilogue epilogue(const ParamStore&, Block /*weights*/) const { return {}; }
  virtual bool takes_epilogue() const { return false; }
  virtual bool gradient_in_place() const { return in_place(); }
  virtual bool reads_input() const { return true; }                                             // backward reads x
  virtual bool reads_output() const { return false; }                                           // backward reads y
  virtual std::int64_t moment_channels() const { return 0; }                                    // C of [sets, 2, C]; 0: none
  virtual std::int64_t moment_sets(std::int64_t /*rows*/, int groups) const { return groups; }  // at most, for a pass over so many
  virtual std::string moment_name() const { return {}; }  // PyTorch's prefix of running_mean and running_var; empty: it has none
  virtual bool needs_reference() const { return false; }  // the first group of every pass is a reference
  virtual double macs() const { return 0; }               // multiply-adds of one example's forward pass
};

}  // namespace fgan
