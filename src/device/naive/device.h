// The oracle: every op as the plainest loop that states its formula, sums in double.  No library, no threads, nothing shared with the
// fast back ends.  For tests and for finding the culprit; about a hundred times slower than cpu.  In bf16, numbers are rounded to it where
// they are written, and only there.
#pragma once

#include <memory>

#include "device/device.h"

namespace fgan {

std::unique_ptr<Device> make_naive_device(DType activations = DType::f32);

}  // namespace fgan
