#include "conformance/devices.h"

#include "conformance/run_case.h"

namespace fgan::conformance {

std::vector<std::shared_ptr<Device>> devices() {
  std::vector<std::shared_ptr<Device>> all;
  all.push_back(naive_device());
  for (const ComputeType type : {ComputeType::f32, ComputeType::bf16})
    if (auto cpu = cpu_device(2, type)) all.push_back(std::move(cpu));
  return all;
}

}  // namespace fgan::conformance
