// CIFAR-10 in its binary form: records of 3,073 bytes, a label 0 .. 9, then 32 by 32 pixels as planes of red, green and blue.  Nothing
// in a file says how many: its size does.  Batches (data_batch_*.bin) make one set; class names are in batches.meta.txt.
#pragma once

#include <filesystem>
#include <span>

#include "data/held_images.h"

namespace fgan {

// Whether the size and all labels are those of a CIFAR-10 file; false as well for what cannot be read.
bool is_cifar(const std::filesystem::path& path);

// All records of the files, one file after another.  Throws Error(data).
ImageSet read_cifar(std::span<const std::filesystem::path> files);

}  // namespace fgan
