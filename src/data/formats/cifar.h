// CIFAR-10 in its binary form: records of 3,073 bytes, a label 0 .. 9, then 32 by 32 pixels as planes of red, green and blue.  Nothing
// in a file says how many: its size does.  Batches (data_batch_*.bin) make one set; class names are in batches.meta.txt.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>

#include "data/held_images.h"

namespace fgan {

// Whether the size and all labels are those of a CIFAR-10 file; false as well for what cannot be read.
bool is_cifar(const std::filesystem::path& path);

inline constexpr std::size_t kCifarRecord = 3073;

// Of all records of the files, one file after another, by the sizes of the files.  This and the following throw Error(data).
Shape cifar_shape(std::span<const std::filesystem::path> files);

// Of one record.
void cifar_pixels(std::span<const std::byte> record, std::span<std::byte> pixels);

// Everything but the pixels, which are shown image by image.
ImageSet survey_cifar(std::span<const std::filesystem::path> files, const std::function<void(std::span<const std::byte>)>& see);

// Everything.
ImageSet read_cifar(std::span<const std::filesystem::path> files);

}  // namespace fgan
