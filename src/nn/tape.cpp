#include "base/error.h"
#include "nn/network.h"

namespace fgan {
std::size_t Tape::bytes(std::int64_t rows, std::size_t value) const {
  return Tensor{nullptr, network_->shape(value).rows(rows), type(value)}.bytes();
}

Tape::Tape(const Network& network, std::int64_t rows, int groups, ArenaPlan& plan, TapeTypes types, Place input, Place output)
    : network_(&network), rows_(rows), groups_(groups), types_(types), output_memory_(network.layers().size()) {
  const auto& layers = network.layers();
  while (output_memory_ > 0 && layers[output_memory_ - 1]->in_place()) --output_memory_;
  values_.resize(layers.size() + 1);
  gradients_.resize(layers.size() + 1);
  moments_.resize(layers.size());
  values_[0] = input;
  if (input.slot < 0) values_[0].slot = plan.slot(bytes(rows, 0));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i]->in_place()) values_[i + 1] = values_[i];
    else if (i + 1 == output_memory_ && output.slot >= 0) values_[i + 1] = output;
    else values_[i + 1].slot = plan.slot(bytes(rows, i + 1));
    if (const std::int64_t channels = layers[i]->moment_channels(); channels > 0)
      moments_[i].slot = plan.slot(Tensor{nullptr, {layers[i]->moment_sets(rows, groups), 2, 1, channels}}.bytes());
  }
}

void Tape::plan_forward(ArenaPlan& plan, int& tick) {
  for (std::size_t i = 0; i < network_->layers().size(); ++i, ++tick) {
    plan.touch(values_[i].slot, tick);
    plan.touch(values_[i + 1].slot, tick);
    if (moments_[i].slot >= 0) plan.touch(moments_[i].slot, tick);
  }
}

void Tape::plan_backward(ArenaPlan& plan, int& tick, Rows wanted) {
  const auto& layers = network_->layers();
  wanted_ = wanted;
  if (gradients_.back().slot < 0) gradients_.back().slot = plan.slot(bytes(rows_, layers.size()));
  for (std::size_t i = layers.size(); i-- > 0; ++tick) {
    const bool write_input = i > 0 || wanted.count > 0;
    if (write_input && gradients_[i].slot < 0) {
      if (layers[i]->gradient_in_place()) {
        FGAN_CHECK(i > 0 || wanted.count == rows_, "a first layer in place gives the gradient of all rows");
        gradients_[i] = gradients_[i + 1];
      } else {
        gradients_[i].slot = plan.slot(bytes(i > 0 ? rows_ : wanted.count, i));
      }
    }
    plan.touch(gradients_[i + 1].slot, tick);
    if (write_input) plan.touch(gradients_[i].slot, tick);
    if (layers[i]->reads_input()) plan.touch(values_[i].slot, tick);
    if (layers[i]->reads_output()) plan.touch(values_[i + 1].slot, tick);
    if (moments_[i].slot >= 0) plan.touch(moments_[i].slot, tick);
  }
}

void Tape::keep_moments(ArenaPlan& plan) const {
  for (const Place& place : moments_)
    if (place.slot >= 0) plan.keep(place.slot);
}

void Tape::bind(const ArenaPlan& plan, std::byte* base) {
  base_ = base;
  slot_offsets_.clear();
  for (const ArenaPlan::Slot& slot : plan.slots()) slot_offsets_.push_back(slot.offset);
}

std::byte* Tape::at(Place place) const {
  if (place.slot < 0) return nullptr;
  FGAN_CHECK(base_ != nullptr, "a tape must be bound to memory before it is used");
  return base_ + slot_offsets_[static_cast<std::size_t>(place.slot)] + place.offset;
}

Tensor Tape::value(std::size_t i) const { return {at(values_[i]), network_->shape(i).rows(rows_), type(i)}; }

Tensor Tape::gradient(std::size_t i) const {
  const std::int64_t rows = i == 0 ? wanted_.count : rows_;
  return {at(gradients_[i]), network_->shape(i).rows(rows), type(i)};
}

Tensor Tape::moments(std::size_t layer) const {
  const Layer& of = *network_->layers()[layer];
  return {at(moments_[layer]), Shape{of.moment_sets(rows_, groups_), 2, 1, of.moment_channels()}, DType::f32};
}

}  // namespace fgan
