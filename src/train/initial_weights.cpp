#include "train/initial_weights.h"

#include <algorithm>

#include "base/digest.h"
#include "base/error.h"
#include "train/checkpoint.h"
#include "train/state.h"

namespace fgan {
namespace {

constexpr std::string_view kGenerator = "generator.", kAverage = "generator_average.", kCritic = "critic.";

// A network's weights in a checkpoint.
std::vector<StoredTensor> weights_of(std::string_view network, const SafeTensors& checkpoint) {
  std::vector<StoredTensor> weights;
  for (const StoredTensor& tensor : checkpoint.tensors)
    if (tensor.name.starts_with(network) && !tensor.name.ends_with(".running_mean") && !tensor.name.ends_with(".running_var"))
      weights.push_back(tensor);
  return weights;
}

std::vector<StoredTensor> average_of(const SafeTensors& checkpoint) {
  std::vector<StoredTensor> average = weights_of(kAverage, checkpoint);
  if (!average.empty()) return average;
  average = weights_of(kGenerator, checkpoint);
  for (StoredTensor& tensor : average) tensor.name.replace(0, kGenerator.size(), kAverage);
  return average;
}

// By name, so that the digest does not depend on the order in the file.
std::vector<StoredTensor> taken_from(const SafeTensors& checkpoint, bool with_average) {
  std::vector<StoredTensor> taken = weights_of(kGenerator, checkpoint);
  std::ranges::move(weights_of(kCritic, checkpoint), std::back_inserter(taken));
  if (with_average) std::ranges::move(average_of(checkpoint), std::back_inserter(taken));
  std::ranges::sort(taken, {}, &StoredTensor::name);
  return taken;
}

std::string to_string(const std::vector<std::int64_t>& dims) {
  std::string text = "[";
  for (const std::int64_t dim : dims) text += format("{}{}", text.size() > 1 ? ", " : "", dim);
  return text + "]";
}

// Throws at the first tensor that one side has otherwise, or not at all.
void check_fit(const std::filesystem::path& source, const SafeTensors& found, const std::vector<StateEntry>& wanted) {
  for (const StateEntry& entry : wanted) {
    const StoredTensor* tensor = found.find(entry.name);
    const std::string needs = format("this configuration needs {}", to_string(entry.layout.dims));
    if (!tensor) fail(Exit::usage, "train.init_from = {} has other networks: it has no tensor {}, {}", source.string(), entry.name, needs);
    if (tensor->dims != entry.layout.dims || tensor->dtype != entry.tensor.dtype)
      fail(Exit::usage, "train.init_from = {} has other networks: its {} is {}, {}", source.string(), entry.name, to_string(tensor->dims),
           needs);
  }
  for (const StoredTensor& tensor : found.tensors)
    if (std::none_of(wanted.begin(), wanted.end(), [&](const StateEntry& entry) { return entry.name == tensor.name; }))
      fail(Exit::usage, "train.init_from = {} has other networks: its {} is {}, this configuration has no tensor of that name",
           source.string(), tensor.name, to_string(tensor.dims));
}

std::string digest_of(const std::vector<StoredTensor>& tensors) {
  Digest digest;
  for (const StoredTensor& tensor : tensors) {
    digest.add(std::as_bytes(std::span(tensor.name)));
    digest.add(std::as_bytes(std::span(tensor.dims)));
    digest.add(tensor.bytes);
  }
  return digest.text();
}

}  // namespace

InitialWeights read_initial_weights(const std::filesystem::path& source, Players& players) {
  const FoundCheckpoint checkpoint = checkpoint_at(source);
  InitialWeights initial;
  initial.tensors.tensors = taken_from(checkpoint.file, players.generator().params().has(Block::average));
  check_fit(checkpoint.path, initial.tensors, network_state(players));
  initial.digest = digest_of(initial.tensors.tensors);
  return initial;
}

}  // namespace fgan
