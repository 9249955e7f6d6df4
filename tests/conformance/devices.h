// The devices that are held to the contracts of the interface: naive and cpu (in f32 on a device in f32 and on one in bf16) here, the CUDA
// back end in tests/double.
#pragma once

#include <memory>
#include <vector>

#include "device/device.h"

namespace fgan::conformance {

std::vector<std::shared_ptr<Device>> devices();

}  // namespace fgan::conformance
