// --init-from: the weights of another run's checkpoint, for a new run to begin with.  The networks only: optimisers, counters and the order
// of the data begin anew, and the moments that samples are drawn with are measured with each checkpoint anyway.
#pragma once

#include <filesystem>
#include <string>

#include "tensor/safetensors.h"
#include "train/players.h"

namespace fgan {

struct InitialWeights {
  SafeTensors tensors;  // under the names that a checkpoint of this run gives them
  std::string digest;   // of names, dimensions and numbers
};

// source: a checkpoint, or a run's folder for its newest.  An average that the source does not have begins at its weights.  Throws
// Error(data) when there is no checkpoint, Error(usage) that names the first tensor in which the networks differ.
InitialWeights read_initial_weights(const std::filesystem::path& source, Players& players);

}  // namespace fgan
