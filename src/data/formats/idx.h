// IDX files of 8-bit grey images (MNIST, Fashion-MNIST), plain or compressed with gzip, told by their content:
//   0x00000803, count, height, width (32 bits each, big endian), then count * height * width bytes.
#pragma once

#include <filesystem>
#include <memory>

#include "data/dataset.h"

namespace fgan {

inline constexpr std::int64_t kMaxImageSide = 4096;
inline constexpr std::int64_t kMaxImageBytes = std::int64_t{16} << 30;  // of a whole set, decoded

// Whether the file begins as an IDX file of images does; false as well for what cannot be read.
bool is_idx_images(const std::filesystem::path& path);

// The whole set decoded in memory.  Throws Error(data).
std::unique_ptr<Dataset> open_idx(const std::filesystem::path& path);

// The training images among the files of a folder.  Files named after test sets (t10k, test) are never trained on.  Throws Error(data).
std::filesystem::path find_training_images(const std::filesystem::path& folder);

}  // namespace fgan
