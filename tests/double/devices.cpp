#include "conformance/devices.h"

#include "device/cuda/device.h"
#include "double/double.h"

namespace fgan::conformance {

// In f32 on a device in f32 and on one in bf16.  The double goes with the last of them.
std::vector<std::shared_ptr<Device>> devices() {
  const auto libraries = std::make_shared<cuda_double::Double>();
  std::vector<std::shared_ptr<Device>> all;
  for (const ComputeType type : {ComputeType::f32, ComputeType::bf16}) {
    auto device = make_cuda_device({.name = "cuda", .dtype = type, .deterministic = true}, libraries->api());
    all.push_back({device.release(), [libraries](Device* made) { delete made; }});
  }
  return all;
}

}  // namespace fgan::conformance
