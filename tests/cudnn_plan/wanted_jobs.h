// The convolutions that the presets' networks ask of a device.
#pragma once

#include <string>
#include <vector>

#include "device/ops.h"

namespace fgan {

struct WantedJob {
  ConvJob job;
  std::string presets;  // those that want it
};

// Each job once, in the order in which training prepares them, dense layers left out: those are cuBLASLt's.
std::vector<WantedJob> wanted_jobs(DType activations);

}  // namespace fgan
