// PNG files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "image/image_file.h"

namespace fgan {

std::vector<std::byte> encode_png(std::span<const std::uint8_t> pixels, int width, int height, int channels);

// Crash-safe (base/file.h).  Throws Error(output).
void write_png(const std::filesystem::path& path, std::span<const std::uint8_t> pixels, int width, int height, int channels);
void write_png(const std::filesystem::path& path, const Picture& picture);

// Both throw Error(data).  Nothing: the bytes end before the header does.
std::optional<ImageInfo> png_info(const ImageFile& file);

// `file` is whole.  As stored, not upright.
Picture decode_png(const ImageFile& file);

}  // namespace fgan
