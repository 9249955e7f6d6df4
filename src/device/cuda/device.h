// The GPU: one stream, planned memory, a step recorded as one CUDA graph.
#pragma once

#include <filesystem>
#include <memory>

#include "device/cuda/api.h"
#include "device/device.h"

namespace fgan {

// gpu: as CUDA counts those it shows (CUDA_VISIBLE_DEVICES).  Throws Error(device) in words when it cannot be used.  api must live longer
// than the device, and the device longer than its buffers and recordings.  plan_file: where the choice of cuDNN's plans is kept for the
// next time (cuda::PlanChoices); empty: nowhere.
std::unique_ptr<Device> make_cuda_device(const DeviceOptions& options, const cuda::Api& api, const std::filesystem::path& plan_file = {},
                                         int gpu = 0);

}  // namespace fgan
