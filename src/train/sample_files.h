// Samples to files: as one grid, as single pictures, or as an array for NumPy.
#pragma once

#include <filesystem>

#include "train/sampling.h"

namespace fgan {

// Samples number first .. first + count - 1 to what `path` says: NAME.png one picture with all of them, NAME.npy an array
// [count, h, w, c] (bytes of images; f32 of other data, [count, numbers]), a folder one picture each, named by their numbers.
// Drawn in chunks: arrays and folders take any number.  `type`: of the data the generator was trained on.
// Throws Error(usage) for paths that say none of these, numbers as pictures, and more images than a grid holds.
void write_sample_files(Sampling& sampling, const Shape& example, DType type, const std::filesystem::path& path, std::int64_t first,
                        std::int64_t count);

}  // namespace fgan
