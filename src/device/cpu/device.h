// The processor as a device: oneDNN for convolutions and matrix products, parallel loops that the compiler vectorises for the rest.
#pragma once

#include <memory>

#include "device/device.h"

namespace fgan {

// threads: 0 for all that this process may use.  activations: f32, or bf16 where the processor multiplies it; throws Error(device)
// elsewhere.  route: of convolutions; Error(usage) for winograd in bf16.
std::unique_ptr<Device> make_cpu_device(int threads, DType activations, ConvRoute route);

}  // namespace fgan
