#include "train/state.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.h"
#include "math/bf16.h"

namespace fgan {
namespace {

void append(std::vector<StateEntry>& to, std::vector<StateEntry> more) {
  for (StateEntry& entry : more) to.push_back(std::move(entry));
}

StateEntry counter_entry(std::string name, const Tensor& tensor) {
  return {std::move(name), tensor, StoredLayout::plain({tensor.shape.count()})};
}

}  // namespace

std::vector<StateEntry> block_entries(const ParamStore& params, Block block, const std::string& prefix, const std::string& suffix) {
  std::vector<StateEntry> entries;
  if (!params.has(block)) return entries;
  for (std::size_t i = 0; i < params.parameters().size(); ++i) {
    const Parameter& parameter = params.parameters()[i];
    entries.push_back({prefix + parameter.name + suffix, params.tensor(block, static_cast<int>(i)), parameter.layout});
  }
  return entries;
}

std::vector<StateEntry> optimizer_entries(const ParamStore& params, const Optimizer& optimizer, const std::string& prefix) {
  std::vector<StateEntry> entries = block_entries(params, Block::first_moment, prefix + "first_moment.", "");
  append(entries, block_entries(params, Block::second_moment, prefix + "second_moment.", ""));
  entries.push_back(counter_entry(prefix + "counters", optimizer.counters()));
  return entries;
}

std::vector<StateEntry> sampling_state(Players& players) {
  std::vector<StateEntry> entries = block_entries(players.generator().params(), Block::weights, "generator.", "");
  append(entries, block_entries(players.generator().params(), Block::average, "generator_average.", ""));
  return entries;
}

std::vector<StateEntry> network_state(Players& players) {
  std::vector<StateEntry> entries = sampling_state(players);
  append(entries, block_entries(players.critic().params(), Block::weights, "critic.", ""));
  return entries;
}

std::vector<StateEntry> training_state(Players& players, const GanStep& step) {
  std::vector<StateEntry> entries = network_state(players);
  append(entries, optimizer_entries(players.generator().params(), players.generator_optimizer(), "generator_optimizer."));
  append(entries, optimizer_entries(players.critic().params(), players.critic_optimizer(), "critic_optimizer."));
  if (const Tensor reference = step.critic_reference()) {
    const Shape& s = reference.shape;
    entries.push_back({"reference.real", reference, StoredLayout::plain({s.n, s.h, s.w, s.c})});
  }
  entries.push_back(counter_entry("state.draws", step.draws()));
  entries.push_back(counter_entry("state.capped", step.capped()));
  return entries;
}

std::vector<float> download_floats(Device& device, const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.shape.count()));
  if (tensor.dtype == DType::f32) {
    device.download(values.data(), tensor.data, tensor.bytes());
    return values;
  }
  FGAN_CHECK(tensor.dtype == DType::bf16, "{} are no floating-point numbers", to_string(tensor.shape));
  std::vector<math::Bf16> halves(values.size());
  device.download(halves.data(), tensor.data, tensor.bytes());
  std::ranges::transform(halves, values.begin(), [](math::Bf16 half) { return math::to_float(half); });
  return values;
}

StoredTensor store(Device& device, const StateEntry& entry) {
  const Tensor& tensor = entry.tensor;
  if (tensor.dtype != DType::f32 && tensor.dtype != DType::bf16) {
    StoredTensor stored{entry.name, tensor.dtype, entry.layout.dims, std::vector<std::byte>(tensor.bytes())};
    device.download(stored.bytes.data(), tensor.data, stored.bytes.size());
    return stored;
  }
  const std::vector<float> ordered = to_stored(entry.layout, download_floats(device, tensor).data());
  const auto bytes = std::as_bytes(std::span(ordered));
  return {entry.name, DType::f32, entry.layout.dims, {bytes.begin(), bytes.end()}};
}

std::vector<StoredTensor> store(Device& device, const std::vector<StateEntry>& entries) {
  std::vector<StoredTensor> stored;
  for (const StateEntry& entry : entries) stored.push_back(store(device, entry));
  return stored;
}

std::int64_t count_not_finite(std::span<const float> numbers) {
  return std::count_if(numbers.begin(), numbers.end(), [](float x) { return !std::isfinite(x); });
}

std::optional<NotFinite> first_not_finite(const std::vector<StoredTensor>& tensors) {
  for (const StoredTensor& tensor : tensors) {
    if (tensor.dtype != DType::f32) continue;
    const std::span numbers(reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(float));
    if (const std::int64_t count = count_not_finite(numbers); count > 0)
      return NotFinite{tensor.name, count, static_cast<std::int64_t>(numbers.size())};
  }
  return std::nullopt;
}

void restore(Device& device, const std::vector<StateEntry>& entries, const SafeTensors& from) {
  for (const StateEntry& entry : entries) {  // all are looked at before the first is taken
    const StoredTensor* stored = from.find(entry.name);
    if (!stored) fail(Exit::data, "it has no tensor {}", entry.name);
    if (stored->dims != entry.layout.dims || stored->dtype != entry.tensor.dtype)
      fail(Exit::data, "its tensor {} has another shape or type than this configuration needs", entry.name);
  }
  for (const StateEntry& entry : entries) {
    const StoredTensor* stored = from.find(entry.name);
    if (entry.tensor.dtype != DType::f32) {
      device.upload(entry.tensor.data, stored->bytes.data(), stored->bytes.size());
      continue;
    }
    const std::vector<float> ordered = from_stored(entry.layout, reinterpret_cast<const float*>(stored->bytes.data()));
    device.upload(entry.tensor.data, ordered.data(), ordered.size() * sizeof(float));
  }
}

StoredTensor store_batch(Device& device, std::string name, const Tensor& tensor) {
  const Shape& s = tensor.shape;
  StoredLayout layout{{s.n, s.h, s.w, s.c}, {0, 3, 1, 2}, {s.n, s.c, s.h, s.w}};
  if (s.h * s.w == 1) layout.dims = {s.n, s.c};
  return store(device, {std::move(name), tensor, layout});
}

}  // namespace fgan
