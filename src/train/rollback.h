// What a run does whose numbers have failed: it goes back to a checkpoint and on from there with half the learning rates.  Where it goes
// and what it does there follow from the checkpoints alone, so a run that is killed meanwhile fails and goes back once more in the same
// way.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "train/checkpoint.h"
#include "train/options.h"

namespace fgan {

// The state, or the updates that change it, hold numbers that are not finite: thrown where that is seen.
struct Diverged {
  std::string what;  // "the critic left out 16 updates in a row"
};

// Learning rates after so many roll backs: 2^-rollbacks of those given.
PlayersOptions slowed(PlayersOptions options, int rollbacks);

// The newest whole checkpoint at a multiple of `checkpoint_every`: the others were written when somebody asked, and a result must not
// depend on that.  When it is the one tried last, `tried`, the one before it, if there is one.  Without any at such steps, the newest;
// empty when there is none at all: then the run begins anew.
std::optional<FoundCheckpoint> point_of_return(const std::filesystem::path& run, std::int64_t checkpoint_every,
                                               std::optional<std::int64_t> tried);

// They are of a course that is given up.  Throws Error(output).
void remove_checkpoints_after(const std::filesystem::path& run, std::int64_t step);

}  // namespace fgan
