#include "data/formats/idx_write.h"

#include <array>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace fgan {
namespace {

void append_big_endian(std::vector<std::byte>& bytes, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::byte>(value >> shift & 0xFF));
}

}  // namespace

std::int64_t write_idx(const std::filesystem::path& path, std::span<const std::uint32_t> sizes, std::span<const std::uint8_t> values) {
  std::size_t count = 1;
  for (const std::uint32_t size : sizes) count *= size;
  FGAN_CHECK(!sizes.empty() && count == values.size(), "{} values for sizes of {}", values.size(), count);
  std::vector<std::byte> header;
  append_big_endian(header, 0x0800 | static_cast<std::uint32_t>(sizes.size()));  // 8: bytes
  for (const std::uint32_t size : sizes) append_big_endian(header, size);
  write_file(path, std::array{std::span<const std::byte>(header), std::as_bytes(values)});
  return static_cast<std::int64_t>(header.size() + values.size());
}

}  // namespace fgan
