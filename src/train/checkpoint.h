// Checkpoints: everything a run needs to continue, in one safetensors file named after its step.  A checkpoint is a function of build,
// settings that affect the result, seed, step and threads: no time, host, path or speed is in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "tensor/safetensors.h"

namespace fgan {

using Settings = std::map<std::string, std::string>;  // "game.divergence" -> "kl"

struct CheckpointHeader {
  std::int64_t step = 0;
  Shape data_shape;  // of one example
  DType data_type = DType::u8;
  int threads = 0;
  std::string device;             // "cpu", ...
  Settings settings;              // those that affect the result
  std::string data{};             // Dataset::digest
  std::string initial_weights{};  // digest of those the run began with; empty: drawn from the seed
  int rollbacks = 0;              // so far: learning rates are 2^-rollbacks of those configured (train/rollback.h)
  std::int64_t returned_to = 0;   // step of the last one, where there was one
};

// Header <-> metadata of the file.  Throws Error(data) when the metadata is not a checkpoint's.
std::map<std::string, std::string> to_metadata(const CheckpointHeader& header);
CheckpointHeader header_of(const SafeTensors& file);

// RUN/checkpoints/00000500.safetensors
std::filesystem::path checkpoint_path(const std::filesystem::path& run, std::int64_t step);
// The step in the name of a checkpoint or a picture of samples; nothing for other names.
std::optional<std::int64_t> step_in_name(const std::filesystem::path& path);
// The checkpoints of a run by step, readable or not.  Throws Error(data) when the folder cannot be listed.
std::map<std::int64_t, std::filesystem::path> checkpoint_files(const std::filesystem::path& run);

// The newest checkpoint of a run folder that is whole, of a step that is wanted (empty: any); others are named in a warning, with the
// reason, and passed over.  Empty when there is none; throws Error(data) when there are some and all are damaged.
struct FoundCheckpoint {
  std::filesystem::path path;
  SafeTensors file;
  CheckpointHeader header;
};
std::optional<FoundCheckpoint> newest_checkpoint(const std::filesystem::path& run, const std::function<bool(std::int64_t)>& wanted = {});
FoundCheckpoint read_checkpoint(const std::filesystem::path& path);
// A checkpoint by its own name, or a run folder's newest.  Throws Error(data) when there is none.
FoundCheckpoint checkpoint_at(const std::filesystem::path& source);

}  // namespace fgan
