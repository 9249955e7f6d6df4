// The processor as a device: oneDNN for convolutions and matrix products, parallel loops that the compiler vectorises for the rest.
#pragma once

#include <memory>

#include "device/device.h"

namespace fgan {

// threads: 0 for all that this process may use
std::unique_ptr<Device> make_cpu_device(int threads, ConvRoute route);

}  // namespace fgan
