// Packs a data set into one file, which training reads without decoding (the format: formats/packed.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "data/dataset.h"

namespace fgan {

// Writes the images of `source`, which `options` opened.  Holds 16 MiB of pixels, and at most 48 bytes an image.  Calls before_image()
// for each, several threads at a time; what it throws ends the packing, and no file is left, as after any error.  Throws Error(usage) for
// data that is no images or packed already, Error(output) when the file exists or cannot be written, and what reading throws.
void pack(const Dataset& source, const DataOptions& options, const std::filesystem::path& output,
          const std::function<void()>& before_image);

}  // namespace fgan
