// IDX files of 8-bit grey images (MNIST, Fashion-MNIST), plain or compressed with gzip, told by their content:
//   0x00000803, count, height, width (32 bits each, big endian), then count * height * width bytes.
#pragma once

#include <filesystem>
#include <optional>

#include "data/held_images.h"

namespace fgan {

// Whether the file begins as an IDX file of images does; false as well for what cannot be read.
bool is_idx_images(const std::filesystem::path& path);

inline constexpr std::size_t kIdxHeader = 16;  // bytes before the pixels

// Nothing where the file is compressed, or not as long as its header says, or no such file: read_idx says what is wrong.
std::optional<Shape> plain_idx_shape(const std::filesystem::path& path);

// Everything but the pixels.  Throws Error(data) for labels that do not fit.
ImageSet survey_idx(const std::filesystem::path& path, const Shape& shape);

// The whole set decoded in memory, with the labels and class names (classes.txt) beside it where there are any.  Throws Error(data).
ImageSet read_idx(const std::filesystem::path& path);

}  // namespace fgan
