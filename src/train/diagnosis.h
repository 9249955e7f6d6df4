// Which number of a failing run was the first that is not finite, and the report a run leaves behind when it gives up: RUN/diverged/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "train/checkpoint.h"
#include "train/observation.h"
#include "train/state.h"

namespace fgan {

struct Diagnosis {
  std::string first;                // in words; also that nothing was found
  std::vector<StoredTensor> batch;  // of the critic's update in which it was found, and what the generator answered for (train/dump.h)
};

// Looks at the state, then does one more step and looks at what each phase leaves behind, in the order of the computation.  The updates of
// that step are done, too: for a run that goes back afterwards.
Diagnosis diagnose(Device& device, Players& players, GanStep& step, const std::function<void()>& feed);

struct FailureReport {
  CheckpointHeader header;  // at the last step
  std::string what;         // see Diverged
  Diagnosis diagnosis;
  Metrics metrics;
};

// Writes report.txt, batch.safetensors and critic.png; returns the path of the first.  Throws Error(output).
std::filesystem::path write_failure_report(const std::filesystem::path& run, const FailureReport& report);

}  // namespace fgan
