// The speed of a training run from end to end, with loading, logging, sampling and checkpoints, beside the speed of its steps alone.
#pragma once

#include "bench/step.h"
#include "train/trainer.h"

namespace fgan {

// The run's folder is a temporary one.  The text is empty when a signal stopped the run.
BenchText bench_train(TrainRun run);

}  // namespace fgan
