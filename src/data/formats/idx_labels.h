// IDX files of labels, plain or compressed with gzip: 0x00000801, count (32 bits each, big endian), then one byte for each image.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace fgan {

// The labels of the file that belongs to a file of images: "train-labels-idx1-ubyte[.gz]" beside "train-images-idx3-ubyte[.gz]".
// Nothing where there is no such file; Error(data) where it is damaged or has not `count` labels.
std::vector<std::int32_t> read_labels_beside(const std::filesystem::path& images, std::int64_t count);

}  // namespace fgan
