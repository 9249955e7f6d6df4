// Writes IDX files of bytes (the format: idx.h), uncompressed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace fgan {

// `sizes`: count of examples, then the sides of one; `parts`: their values, one part after another.  Returns the bytes of the file.  Throws
// Error(output).
std::int64_t write_idx(const std::filesystem::path& path, std::span<const std::uint32_t> sizes,
                       std::span<const std::span<const std::uint8_t>> parts);

}  // namespace fgan
