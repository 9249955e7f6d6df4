// A network: a sequence of layers with their parameters; and a tape: what one pass through it leaves behind, in planned memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nn/layer.h"
#include "nn/params.h"
#include "tensor/arena_plan.h"

namespace fgan {

class Network {
 public:
  explicit Network(Shape input) : shapes_{input} {}

  void add(std::unique_ptr<Layer> layer);

  Shape input_shape() const { return shapes_.front(); }  // of one example
  Shape output_shape() const { return shapes_.back(); }
  Shape shape(std::size_t value) const { return shapes_[value]; }  // value 0 is the input, value i + 1 what layer i gives
  const std::vector<std::unique_ptr<Layer>>& layers() const { return layers_; }
  ParamStore& params() { return params_; }
  const ParamStore& params() const { return params_; }

  bool needs_reference() const;     // a layer does
  double macs() const;              // multiply-adds of one example's forward pass
  double first_layer_macs() const;  // of it, those of the first layer that has any

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<Shape> shapes_;
  ParamStore params_;
};

// A place in planned memory: `offset` bytes into a slot.
struct Place {
  int slot = -1;
  std::size_t offset = 0;
};

// Some rows of a batch; count 0: none.
struct Rows {
  std::int64_t first = 0, count = 0;
};

// Of a tape's values and of the gradients by them; the output may be f32 beside bf16 where the last product is a dense layer.
struct TapeTypes {
  DType values = DType::f32, output = DType::f32;
};

// Values, moments and gradients of a network for a fixed number of rows.  Life: construct, plan every pass of the step in order, solve
// the plan, bind to memory, run.
class Tape {
 public:
  // groups: how many row groups the passes have.  input, output: where those values lie if they are part of another slot.
  Tape(const Network& network, std::int64_t rows, int groups, ArenaPlan& plan, TapeTypes types = {}, Place input = {}, Place output = {});

  // Where the gradient of the output lies if it is part of another slot; before plan_backward.
  void share_output_gradient(Place place) { gradients_.back() = place; }

  // Each advances the clock by one tick a layer and notes what lives when.  wanted: the rows whose input gradient will be asked for;
  // the input's gradient has only these.
  void plan_forward(ArenaPlan& plan, int& tick);
  void plan_backward(ArenaPlan& plan, int& tick, Rows wanted);
  void keep_moments(ArenaPlan& plan) const;
  void bind(const ArenaPlan& plan, std::byte* base);

  const Network& network() const { return *network_; }
  std::int64_t rows() const { return rows_; }
  Place input_place() const { return values_.front(); }
  Place output_place() const { return values_.back(); }
  Place input_gradient_place() const { return gradients_.front(); }
  Place output_gradient_place() const { return gradients_.back(); }
  Tensor input() const { return value(0); }
  Tensor output() const { return value(values_.size() - 1); }
  Tensor input_gradient() const { return gradient(0); }
  Tensor output_gradient() const { return gradient(gradients_.size() - 1); }

  Tensor value(std::size_t i) const;        // what goes into layer i
  Tensor gradient(std::size_t i) const;     // by value i
  Tensor moments(std::size_t layer) const;  // [sets, 2, C]; null when the layer has none

 private:
  DType type(std::size_t value) const { return value >= output_memory_ ? types_.output : types_.values; }
  std::size_t bytes(std::int64_t rows, std::size_t value) const;
  std::byte* at(Place place) const;

  const Network* network_;
  std::int64_t rows_;
  int groups_;
  TapeTypes types_;
  std::size_t output_memory_;  // the first value that lies in the output's memory: all layers from there on work in place
  Rows wanted_;
  std::vector<Place> values_, gradients_, moments_;
  std::vector<std::size_t> slot_offsets_;
  std::byte* base_ = nullptr;
};

// Builds what the device needs for passes over `rows` rows.
struct PassNeeds {
  bool parameter_gradients = false;
  bool backward = false;
  std::int64_t input_gradient_rows = 0;
  DType dtype = DType::f32;  // of the tape's values
};
void prepare(Ops& ops, const Network& network, std::int64_t rows, const PassNeeds& needs);

// Runs the layers over the tape: forward from its input, backward from its output gradient.  A pass may cover a part of the tape's
// rows: whole groups, beginning with group `first_group`, whose first row is `first_row`; pass.groups count from that row.  Not where a
// layer needs a reference, which is in every pass.
struct Part {
  std::int64_t first_row = 0;
  int first_group = 0;
};
void forward(const Pass& pass, const Tape& tape, Part part = {});
// wanted counts from the part's first row and has at most as many rows as were planned.
void backward(const Pass& pass, const Tape& tape, Rows wanted, Part part = {});

}  // namespace fgan
