// PNG files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "image/picture.h"

namespace fgan {

inline constexpr int kMaxPictureSide = 16384;

std::vector<std::byte> encode_png(std::span<const std::uint8_t> pixels, int width, int height, int channels);

// Crash-safe (base/file.h).  Throws Error(output).
void write_png(const std::filesystem::path& path, std::span<const std::uint8_t> pixels, int width, int height, int channels);
void write_png(const std::filesystem::path& path, const Picture& picture);

// Throws Error(data).
Picture read_png(const std::filesystem::path& path);

}  // namespace fgan
