// Files that hold all images of a set: IDX and CIFAR-10.
#pragma once

#include "data/held_images.h"
#include "data/locate.h"

namespace fgan {

// Held as the files have them; `data` is one of these.  Throws Error(data).
ImageSet read_records(const LocatedData& data);

}  // namespace fgan
