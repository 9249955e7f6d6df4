// IDX and CIFAR-10 files that are larger than the memory they may take: images are read where they lie.
#pragma once

#include <memory>

#include "data/dataset.h"
#include "data/locate.h"

namespace fgan {

// Nothing for what fits into data.memory, and for what is compressed.  Reads everything once, for labels and digest.  Throws Error(data).
std::unique_ptr<Dataset> open_records_as_needed(const LocatedData& data, const DataOptions& options);

}  // namespace fgan
