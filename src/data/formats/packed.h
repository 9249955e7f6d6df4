// Packed images: a set decoded and brought to its size once (fgan data convert), in one safetensors file that training reads in place.
//   checksums  I64 [n]           of the pixels of each image (base/digest.h), so that damage is noticed at every read
//   labels     I64 [n]           where there are classes; -1: of none
//   images     U8  [n, h, w, c]  at a multiple of 4096 bytes
// Metadata: format; setting.* that made the images; digest of the source with these settings; replaced, the number of its bad images;
// class.K, the name of class K.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "data/dataset.h"

namespace fgan {

inline constexpr std::string_view kPackedFormat = "fgan images 1";

// The settings on which the pixels of a set depend, as metadata.
std::map<std::string, std::string> packed_settings(const DataOptions& options);
std::string class_key(std::size_t label);  // "class.K"

// Whether the file begins as a safetensors file with metadata does, or is named as one; false as well for what cannot be read.
bool is_packed(const std::filesystem::path& path);

// Holds checksums and labels in memory, 12 bytes an image at most, no pixels.  Throws Error(data) for what is damaged or of another kind or
// version, Error(usage) for a size or channels that the images have not.
std::unique_ptr<Dataset> open_packed(const std::filesystem::path& path, const DataOptions& options);

}  // namespace fgan
