#include "train/run_state.h"

#include "base/log.h"
#include "data/loader.h"
#include "train/initial_weights.h"
#include "train/keep.h"
#include "train/rollback.h"
#include "train/state.h"

namespace fgan {
namespace {

void warn_of_rounding(const Device& device, const CheckpointHeader& before) {
  const auto warn = [&](const std::string& now, const std::string& then) {
    if (now != then)
      log::warn("{} now, {} until step {}: results may differ in rounding from an uninterrupted run", now, then, before.step);
  };
  warn(format("{} threads", device.threads()), format("{} threads", before.threads));
  warn(device.isa(), before.device);
}

// A run that continues has its own weights.  train.init_from need not exist any more, but what it asks for may not be what was done.
void warn_of_other_weights(const RunState& state, const std::string& initial_weights) {
  const TrainRun& run = state.run;
  if (run.train.init_from.empty()) return;
  try {
    if (read_initial_weights(run.train.init_from, state.players).digest == initial_weights) return;
  } catch (const Error&) {
    return;
  }
  log::warn("train.init_from = {} is ignored: {} began with other weights and continues from its own checkpoint",
            run.train.init_from.string(), run.folder.string());
}

}  // namespace

std::string begin(const RunState& state) {
  const auto seed = static_cast<std::uint64_t>(state.run.train.seed);
  state.players.initialize(state.device, seed);
  if (const Tensor reference = state.step.critic_reference()) {
    const std::vector<std::byte> batch = reference_batch(state.dataset, seed, reference.shape.n);
    state.device.upload(reference.data, batch.data(), batch.size());
  }
  if (state.run.train.init_from.empty()) return {};
  const InitialWeights initial = read_initial_weights(state.run.train.init_from, state.players);
  restore(state.device, network_state(state.players), initial.tensors);
  return initial.digest;
}

void resume(const RunState& state, const FoundCheckpoint& found) {
  const CheckpointHeader& before = found.header;
  const std::string folder = state.run.folder.string();
  if (before.data_shape != state.dataset.sample_shape() || before.data_type != state.dataset.dtype())
    fail(Exit::usage, "{} was trained on {}, the data now has {}; --out names another folder for another run", folder,
         to_string(before.data_shape), to_string(state.dataset.sample_shape()));
  if (!before.data.empty() && before.data != state.dataset.digest())
    fail(Exit::usage, "{} was trained on other data than {}; --out names another folder for another run", folder,
         state.dataset.description());
  try {
    restore(state.device, training_state(state.players, state.step), found.file);
  } catch (const Error& error) {
    const bool changed = before.settings != state.run.settings;  // as was allowed: then it is no fault of the checkpoint
    fail(changed ? Exit::usage : error.exit(), "{} cannot be continued: {}", found.path.string(), error.what());
  }
  warn_of_rounding(state.device, before);
  warn_of_other_weights(state, before.initial_weights);
}

void write_checkpoint(const RunState& state, const Sampling& sampling, const CheckpointHeader& header) {
  SafeTensors file{to_metadata(header), store(state.device, training_state(state.players, state.step))};
  for (StoredTensor& moments : sampling.moments()) file.tensors.push_back(std::move(moments));
  if (const auto bad = first_not_finite(file.tensors))
    throw Diverged{format("{} of the state has {} of {} numbers that are not finite", bad->name, bad->count, bad->of)};
  write_safetensors(checkpoint_path(state.run.folder, header.step), file);
  prune_checkpoints(state.run.folder, header.step, state.run.train);
}

}  // namespace fgan
