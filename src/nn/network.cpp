#include "nn/network.h"

#include <algorithm>

#include "base/error.h"

namespace fgan {

void Network::add(std::unique_ptr<Layer> layer) {
  shapes_.push_back(layer->declare(params_, shapes_.back()));
  layers_.push_back(std::move(layer));
}

bool Network::needs_reference() const {
  return std::any_of(layers_.begin(), layers_.end(), [](const auto& layer) { return layer->needs_reference(); });
}

double Network::macs() const {
  double sum = 0;
  for (const auto& layer : layers_) sum += layer->macs();
  return sum;
}

double Network::first_layer_macs() const {
  for (const auto& layer : layers_)
    if (layer->macs() > 0) return layer->macs();
  return 0;
}

namespace {

// Where layer i is a product that can end with what layer i + 1 does over its output: that; else nothing.
Epilogue epilogue_of(const Network& network, std::size_t i, Block weights) {
  const auto& layers = network.layers();
  if (!layers[i]->takes_epilogue() || i + 1 == layers.size()) return {};
  return layers[i + 1]->epilogue(network.params(), weights);
}

std::int64_t covered_rows(Groups groups) {
  std::int64_t rows = 0;
  for (const RowGroup& group : groups) {
    FGAN_CHECK(group.first == rows, "row groups must follow one another from row 0");
    rows += group.count;
  }
  return rows;
}

Tensor moments_of(const Tape& tape, std::size_t layer, Part part, Groups groups) {
  const Tensor all = tape.moments(layer);
  if (part.first_group == 0) return all;
  FGAN_CHECK(!tape.network().needs_reference(), "a pass over a part of the rows has no reference");
  return all ? all.rows(part.first_group, static_cast<std::int64_t>(groups.size())) : all;
}

Pass pass_of_rows(Pass pass, std::int64_t first_row) {
  pass.masks.first_row += first_row;
  return pass;
}

}  // namespace

void prepare(Ops& ops, const Network& network, std::int64_t rows, const PassNeeds& needs) {
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = *network.layers()[i];
    LayerNeeds of{.rows = rows,
                  .gradients = needs.parameter_gradients,
                  .input_gradient = i > 0 ? needs.backward : needs.input_gradient_rows == rows,
                  .dtype = needs.dtype,
                  .epilogue = epilogue_of(network, i, Block::weights)};
    layer.prepare(ops, of);
    if (i > 0 || needs.input_gradient_rows == 0 || of.input_gradient) continue;
    of.rows = needs.input_gradient_rows;
    of.gradients = false;
    of.input_gradient = true;
    layer.prepare(ops, of);
  }
}

void forward(const Pass& whole, const Tape& tape, Part part) {
  Pass pass = pass_of_rows(whole, part.first_row);
  const Network& network = tape.network();
  const std::int64_t rows = covered_rows(pass.groups);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    pass.epilogue = epilogue_of(network, i, pass.weights);
    network.layers()[i]->forward(pass, network.params(), tape.value(i).rows(part.first_row, rows),
                                 tape.value(i + 1).rows(part.first_row, rows), moments_of(tape, i, part, pass.groups));
    if (pass.epilogue) ++i;  // done with it
  }
}

void backward(const Pass& whole, const Tape& tape, Rows wanted, Part part) {
  const Pass pass = pass_of_rows(whole, part.first_row);
  const Network& network = tape.network();
  const std::int64_t rows = covered_rows(pass.groups);
  for (std::size_t i = network.layers().size(); i-- > 0;) {
    const Layer& layer = *network.layers()[i];
    const Tensor x = tape.value(i).rows(part.first_row, rows), y = tape.value(i + 1).rows(part.first_row, rows);
    const Tensor dy = tape.gradient(i + 1).rows(part.first_row, rows), moments = moments_of(tape, i, part, pass.groups);
    if (i > 0) {
      layer.backward(pass, network.params(), x, y, dy, tape.gradient(i).rows(part.first_row, rows), moments);
    } else if (wanted.count == rows) {
      layer.backward(pass, network.params(), x, y, dy, tape.gradient(0).rows(0, rows), moments);
    } else {
      // The input's gradient is wanted for some rows only: fakes, for the generator.
      FGAN_CHECK(moments.data == nullptr, "the first layer of a critic must not mix rows");
      if (pass.parameter_gradients) layer.backward(pass, network.params(), x, y, dy, Tensor{}, moments);
      if (wanted.count == 0) continue;
      Pass input_only = pass_of_rows(pass, wanted.first);
      input_only.parameter_gradients = false;
      const auto sub = [&](const Tensor& t) { return t.rows(wanted.first, wanted.count); };
      layer.backward(input_only, network.params(), sub(x), sub(y), sub(dy), tape.gradient(0).rows(0, wanted.count), moments);
    }
  }
}

}  // namespace fgan
