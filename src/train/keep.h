// Which checkpoints of a run stay.
#pragma once

#include <cstdint>
#include <filesystem>

#include "train/options.h"

namespace fgan {

// After the checkpoint of `step` was written: removes all up to it but the newest train.keep, the newest train.keep of those at multiples
// of train.checkpoint_every (a run rolls back to these), those at multiples of train.keep_every, and with train.keep_best the one with the
// lowest mean of the logged `bound` over the train.checkpoint_every steps that end with it.  What is newer than `step` was passed over as
// damaged when the run continued: it neither counts nor goes.
void prune_checkpoints(const std::filesystem::path& run, std::int64_t step, const TrainOptions& options);

}  // namespace fgan
