// The folder of a run: config.ini, log.txt, metrics.jsonl, reals.png, samples/, checkpoints/; while it is written also .lock and
// temporaries.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/lock.h"
#include "train/checkpoint.h"

namespace fgan {

enum class ConfigChange { refused, allowed };

// The checkpoint to continue from; nothing when the run begins.  Throws Error(usage) when the folder holds something else than a run, or
// when settings that affect the result differ from the checkpoint's; where that is allowed a warning names them.
// What the checkpoint does not say, because it is older than the setting, had its default.
std::optional<FoundCheckpoint> continue_from(const std::filesystem::path& folder, const Settings& settings, const Settings& defaults,
                                             ConfigChange change);

// A folder with this process as its only writer.
class RunFolder {
 public:
  // Takes the lock of a run that is there already, and removes what killed processes left half written.  Throws Error(output) when another
  // process has it.
  explicit RunFolder(std::filesystem::path path);
  // Creates what is missing, writes the resolved configuration and removes samples of steps after `step`, which are drawn again.
  // Throws Error(output) and leaves no new folder behind.
  void start(const std::string& config_text, std::int64_t step);
  const std::filesystem::path& path() const { return path_; }

 private:
  void create();
  void lock();

  std::filesystem::path path_;
  std::unique_ptr<FolderLock> lock_;
};

// RUN/plans.txt: Device::choices of this run; empty when there are none.
std::string choices_of(const std::filesystem::path& folder);
void keep_choices(const std::filesystem::path& folder, const std::string& choices);  // no choices: no file

}  // namespace fgan
