#include "data/formats/idx_write.h"

#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace fgan {
namespace {

void append_big_endian(std::vector<std::byte>& bytes, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::byte>(value >> shift & 0xFF));
}

}  // namespace

std::int64_t write_idx(const std::filesystem::path& path, std::span<const std::uint32_t> sizes,
                       std::span<const std::span<const std::uint8_t>> parts) {
  std::vector<std::byte> header;
  append_big_endian(header, 0x0800 | static_cast<std::uint32_t>(sizes.size()));  // 8: bytes
  for (const std::uint32_t size : sizes) append_big_endian(header, size);
  std::vector<std::span<const std::byte>> pieces{header};
  std::size_t expected = sizes.empty() ? 0 : 1, values = 0;
  for (const std::uint32_t size : sizes) expected *= size;
  for (const auto part : parts) {
    pieces.push_back(std::as_bytes(part));
    values += part.size();
  }
  FGAN_CHECK(values == expected, "{} values for sizes of {}", values, expected);
  write_file(path, pieces);
  return static_cast<std::int64_t>(header.size() + values);
}

}  // namespace fgan
