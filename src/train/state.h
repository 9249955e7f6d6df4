// The state of a training run as named tensors: one list, read by saving, loading and dumping alike.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tensor/safetensors.h"
#include "train/players.h"
#include "train/step.h"

namespace fgan {

struct StateEntry {
  std::string name;
  Tensor tensor;        // in device memory
  StoredLayout layout;  // how it is stored
};

// Parameters of one block: "generator.main.0.weight" for prefix "generator." and suffix "".
std::vector<StateEntry> block_entries(const ParamStore& params, Block block, const std::string& prefix, const std::string& suffix);
// Optimiser state: "PREFIXfirst_moment.main.0.weight", "PREFIXsecond_moment...", "PREFIXcounters".
std::vector<StateEntry> optimizer_entries(const ParamStore& params, const Optimizer& optimizer, const std::string& prefix);
// Everything needed to continue: weights, optimisers, average, the critic's reference, counters.
std::vector<StateEntry> training_state(Players& players, const GanStep& step);
// Of it, the weights of both networks and the average.
std::vector<StateEntry> network_state(Players& players);
// What sampling needs of it.
std::vector<StateEntry> sampling_state(Players& players);

StoredTensor store(Device& device, const StateEntry& entry);  // bf16 as f32
std::vector<StoredTensor> store(Device& device, const std::vector<StateEntry>& entries);
// Reads every entry back; Error(data) when one is missing or of another size or type.
void restore(Device& device, const std::vector<StateEntry>& entries, const SafeTensors& from);

std::int64_t count_not_finite(std::span<const float> numbers);

// The first tensor, in this order, that holds a number which is not finite.
struct NotFinite {
  std::string name;
  std::int64_t count, of;  // such numbers, among all of the tensor
};
std::optional<NotFinite> first_not_finite(const std::vector<StoredTensor>& tensors);

// The numbers of an f32 or bf16 tensor; waits for the device.
std::vector<float> download_floats(Device& device, const Tensor& tensor);

// A tensor [n, h, w, c] of device memory as PyTorch has it: [n, c, h, w] for images, [n, c] for rows of numbers.
StoredTensor store_batch(Device& device, std::string name, const Tensor& tensor);

}  // namespace fgan
