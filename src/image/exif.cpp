// TIFF: "II" or "MM" (byte order), 42, the offset of the first directory; a directory: the number of entries, then 12 bytes each:
// tag, type, count, value (in its first bytes where it is shorter than four).
#include "image/exif.h"

#include <cstdint>
#include <optional>

namespace fgan {
namespace {

constexpr std::uint32_t kOrientationTag = 0x0112, kShort = 3, kLong = 4;
constexpr std::size_t kEntryBytes = 12;

class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes) : bytes_(bytes), little_(!bytes.empty() && bytes[0] == std::byte{'I'}) {}

  // `size` bytes at `offset`, or nothing if they are not there.
  std::optional<std::uint32_t> number(std::size_t offset, std::size_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) return {};
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | std::to_integer<std::uint32_t>(bytes_[offset + (little_ ? size - 1 - i : i)]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool little_;
};

}  // namespace

Orientation exif_orientation(std::span<const std::byte> bytes) {
  if (bytes.size() < 8 || bytes[0] != bytes[1] || (bytes[0] != std::byte{'I'} && bytes[0] != std::byte{'M'})) return Orientation::as_stored;
  const Tiff tiff(bytes);
  if (tiff.number(2, 2) != 42u) return Orientation::as_stored;
  const std::size_t directory = *tiff.number(4, 4);
  const std::uint32_t entries = tiff.number(directory, 2).value_or(0);
  for (std::size_t entry = directory + 2; entry < directory + 2 + entries * kEntryBytes; entry += kEntryBytes) {
    if (tiff.number(entry, 2) != kOrientationTag) continue;
    const auto type = tiff.number(entry + 2, 2), value = tiff.number(entry + 8, type == kLong ? 4 : 2);
    const bool sensible = (type == kShort || type == kLong) && tiff.number(entry + 4, 4) == 1u && value && *value >= 1 && *value <= 8;
    return sensible ? static_cast<Orientation>(*value) : Orientation::as_stored;
  }
  return Orientation::as_stored;
}

}  // namespace fgan
