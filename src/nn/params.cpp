#include "nn/params.h"

#include "base/error.h"
#include "math/philox.h"

namespace fgan {
namespace {

constexpr std::int64_t kSliceAlignment = 16;  // floats: a cache line

std::int64_t padded(const Parameter& parameter) {
  return (parameter.shape.count() + kSliceAlignment - 1) / kSliceAlignment * kSliceAlignment;
}

// Calls visit(stored index, device index) for every element.
template <class Visit>
void for_each_element(const StoredLayout& layout, Visit visit) {
  const auto& a = layout.axes;
  const std::array<std::int64_t, 4> stride{a[1] * a[2] * a[3], a[2] * a[3], a[3], 1};
  const auto& o = layout.order;
  const auto axis = [&](int k) { return a[static_cast<std::size_t>(o[static_cast<std::size_t>(k)])]; };
  const auto step = [&](int k) { return stride[static_cast<std::size_t>(o[static_cast<std::size_t>(k)])]; };
  std::size_t stored = 0;
  for (std::int64_t i = 0; i < axis(0); ++i)
    for (std::int64_t j = 0; j < axis(1); ++j)
      for (std::int64_t k = 0; k < axis(2); ++k)
        for (std::int64_t l = 0; l < axis(3); ++l)
          visit(stored++, static_cast<std::size_t>(i * step(0) + j * step(1) + k * step(2) + l * step(3)));
}

std::size_t elements(const StoredLayout& layout) {
  return static_cast<std::size_t>(layout.axes[0] * layout.axes[1] * layout.axes[2] * layout.axes[3]);
}

}  // namespace

StoredLayout StoredLayout::plain(std::vector<std::int64_t> dims) {
  StoredLayout layout;
  for (std::size_t i = 0; i < dims.size(); ++i) layout.axes[4 - dims.size() + i] = dims[i];
  layout.dims = std::move(dims);
  return layout;
}

StoredLayout StoredLayout::filter(const Shape& s) { return {{s.n, s.h, s.w, s.c}, {0, 3, 1, 2}, {s.n, s.c, s.h, s.w}}; }

StoredLayout StoredLayout::dense(const Shape& in, const Shape& out) {
  const std::vector<std::int64_t> dims{out.example(), in.example()};
  FGAN_CHECK(in.h * in.w == 1 || out.h * out.w == 1, "a dense layer from image to image has no stored layout");
  if (out.h * out.w > 1) return {{out.h * out.w, out.c, 1, in.c}, {1, 0, 2, 3}, dims};
  return {{out.c, in.h * in.w, in.c, 1}, {0, 2, 1, 3}, dims};
}

StoredLayout StoredLayout::dense_bias(const Shape& out) { return {{out.h * out.w, out.c, 1, 1}, {1, 0, 2, 3}, {out.example()}}; }

std::vector<float> to_stored(const StoredLayout& layout, const float* device_order) {
  std::vector<float> stored(elements(layout));
  for_each_element(layout, [&](std::size_t s, std::size_t d) { stored[s] = device_order[d]; });
  return stored;
}

std::vector<float> from_stored(const StoredLayout& layout, const float* stored_order) {
  std::vector<float> device(elements(layout));
  for_each_element(layout, [&](std::size_t s, std::size_t d) { device[d] = stored_order[s]; });
  return device;
}

int ParamStore::add(Parameter parameter) {
  FGAN_CHECK(blocks_[0] == nullptr, "parameter {} declared after allocation", parameter.name);
  parameter.offset = padded_;
  padded_ += padded(parameter);
  parameters_.push_back(std::move(parameter));
  return static_cast<int>(parameters_.size()) - 1;
}

void ParamStore::allocate(Device& device, const Blocks& blocks) {
  const std::array<bool, static_cast<std::size_t>(Block::count)> wanted{
      true, blocks.gradient, blocks.first_moment, blocks.second_moment, blocks.average, blocks.rounded};
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) blocks_[i] = device.allocate(static_cast<std::size_t>(padded_) * size_of(type_of(static_cast<Block>(i))));
}

void ParamStore::initialize(Device& device, std::uint64_t seed, int player) {
  std::vector<float> flat(static_cast<std::size_t>(padded_), 0.0f);
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    const Parameter& parameter = parameters_[p];
    float* values = flat.data() + parameter.offset;
    for (std::int64_t e = 0; e < parameter.shape.count(); ++e) {
      double noise = 0;
      if (parameter.deviation > 0)
        noise = math::normal(seed, math::Purpose::initial_weights, static_cast<std::uint64_t>(player), static_cast<std::uint32_t>(p),
                             static_cast<std::uint32_t>(e));
      values[e] = static_cast<float>(parameter.mean + parameter.deviation * noise);
    }
  }
  const std::size_t bytes = flat.size() * sizeof(float);
  device.upload(this->flat(Block::weights).data, flat.data(), bytes);
  if (has(Block::average)) device.upload(this->flat(Block::average).data, flat.data(), bytes);
  round(device);
}

void ParamStore::round(Device& device) {
  if (has(Block::rounded)) device.ops().copy(device.queue(), flat(Block::weights), flat(Block::rounded));
}

Tensor ParamStore::tensor(Block block, int index) const {
  const auto& buffer = blocks_[static_cast<std::size_t>(block)];
  const Parameter& parameter = parameters_[static_cast<std::size_t>(index)];
  FGAN_CHECK(buffer != nullptr, "block {} of {} was not allocated", static_cast<int>(block), parameter.name);
  const DType type = type_of(block);
  auto* data = static_cast<std::byte*>(buffer->data()) + static_cast<std::size_t>(parameter.offset) * size_of(type);
  return {data, parameter.shape, block == Block::gradient && rounds_gradient(parameter) ? DType::bf16 : type};
}

Tensor ParamStore::flat(Block block) const {
  const auto& buffer = blocks_[static_cast<std::size_t>(block)];
  return {buffer ? buffer->data() : nullptr, Shape{1, 1, 1, padded_}, type_of(block)};
}

std::vector<Slice> ParamStore::rounded_gradients() const {
  std::vector<Slice> slices;
  for (const Parameter& parameter : parameters_)
    if (rounds_gradient(parameter)) slices.push_back({parameter.offset, parameter.offset + padded(parameter)});
  return slices;
}

std::int64_t ParamStore::count() const {
  std::int64_t sum = 0;
  for (const Parameter& parameter : parameters_) sum += parameter.shape.count();
  return sum;
}

std::size_t ParamStore::bytes() const {
  std::size_t sum = 0;
  for (const auto& block : blocks_)
    if (block) sum += block->bytes();
  return sum;
}

}  // namespace fgan
