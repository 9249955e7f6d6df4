// Files that hold all images of a set: IDX and CIFAR-10.
#pragma once

#include <memory>

#include "data/held_images.h"
#include "data/locate.h"

namespace fgan {

// Held as the files have them; `data` is one of these.  Throws Error(data).
ImageSet read_records(const LocatedData& data);

// Brought to their size, and held where they fit into data.memory, else read as they are needed; what is compressed is held.  Both give the
// same samples.  Throws as read_records and bring_to do.
std::unique_ptr<Dataset> open_records(const LocatedData& data, const DataOptions& options);

}  // namespace fgan
