// The oracle: every op as the plainest loop that states its formula, sums in double.  No library, no threads, nothing shared with the
// fast back ends.  For tests and for finding the culprit; about a hundred times slower than cpu.
#pragma once

#include <memory>

#include "device/device.h"

namespace fgan {

std::unique_ptr<Device> make_naive_device();

}  // namespace fgan
