// The speed of every op of a training step, against what the machine can do.
#pragma once

#include "bench/step.h"

namespace fgan {

BenchText bench_ops(const StepBenchOptions& options, const RepeatOptions& repeats, const DeviceOptions& device);

}  // namespace fgan
