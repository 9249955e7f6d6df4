// Numbers of the IDX format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fgan {

inline constexpr std::uint32_t kIdxImages = 0x0803, kIdxLabels = 0x0801;

inline std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte b : bytes.first(4)) value = value << 8 | std::to_integer<std::uint32_t>(b);
  return value;
}

}  // namespace fgan
