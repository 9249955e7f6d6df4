// The folder of a run: config.ini, log.txt, metrics.jsonl, reals.png, samples/, checkpoints/.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "train/checkpoint.h"

namespace fgan {

// The checkpoint to continue from; nothing when the run begins.  Throws Error(usage) when settings that affect the result differ from the
// checkpoint's, or when the folder holds something else than a run.
std::optional<FoundCheckpoint> continue_from(const std::filesystem::path& folder, const Settings& settings);

// Creates what is missing of the folder and writes the resolved configuration.  Throws Error(output) and leaves no new folder behind.
void start_run_folder(const std::filesystem::path& folder, const std::string& config_text);

// RUN/plans.txt: Device::choices of this run; empty when there are none.
std::string choices_of(const std::filesystem::path& folder);
void keep_choices(const std::filesystem::path& folder, const std::string& choices);  // no choices: no file

}  // namespace fgan
