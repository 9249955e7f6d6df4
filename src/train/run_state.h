// The state of a run: as it begins, read from a checkpoint, written to one.
#pragma once

#include <string>

#include "train/checkpoint.h"
#include "train/sampling.h"
#include "train/step.h"
#include "train/trainer.h"

namespace fgan {

struct RunState {
  const TrainRun& run;
  Device& device;
  const Dataset& dataset;
  Players& players;
  GanStep& step;
};

// Weights from the seed or of train.init_from, and the critic's reference.  Returns CheckpointHeader::initial_weights.
std::string begin(const RunState& state);

// What the checkpoint holds.  Throws Error(usage) when that is a run on other data; warns of what may change the rounding.
void resume(const RunState& state, const FoundCheckpoint& found);

// Writes the checkpoint of header.step, and removes those that need not stay.  Throws Diverged, and writes nothing, when a number of the
// state is not finite.
void write_checkpoint(const RunState& state, const Sampling& sampling, const CheckpointHeader& header);

}  // namespace fgan
