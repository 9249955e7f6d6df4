// Mixtures of isotropic normal distributions in one or two dimensions: data whose density is known, with a fresh sample for every index.
#pragma once

#include <memory>

#include "data/dataset.h"

namespace fgan {

// Throws Error(usage) for what does not describe a mixture.
std::unique_ptr<Dataset> open_gaussians(const DataOptions& options, std::uint64_t seed);

}  // namespace fgan
