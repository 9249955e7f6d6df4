#include "tensor/safetensors_layout.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/error.h"

namespace fgan {
namespace {

constexpr std::string_view name_of(DType type) {
  return type == DType::f32 ? "F32" : type == DType::bf16 ? "BF16" : type == DType::u8 ? "U8" : "I64";
}

std::uint64_t little_endian(std::span<const std::byte, 8> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

std::string length_bytes(std::uint64_t length) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i));
  return bytes;
}

// The data must be covered without holes and overlaps: with entries in order of offset, each begins where the one before ends.
void check_coverage(std::vector<HeaderEntry>& entries, std::uint64_t data_bytes) {
  std::sort(entries.begin(), entries.end(),
            [](const HeaderEntry& a, const HeaderEntry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t covered = 0;
  for (const HeaderEntry& entry : entries) {
    if (entry.begin != covered) {
      fail(Exit::data, "the data of {} begins at byte {}, {} the end of its predecessor at {}", json_text(entry.name), entry.begin,
           entry.begin < covered ? "before" : "behind", covered);
    }
    covered = entry.end;
  }
  if (covered != data_bytes) fail(Exit::data, "the header describes {} bytes of data, the file holds {}", covered, data_bytes);
}

// The checksum of length and header stands in the header itself, first of all and at a fixed place; it is taken over zeros there.
constexpr std::string_view kChecksum = "checksum", kBeforeChecksum = R"({"__metadata__":{"checksum":")", kNoChecksum = "0000000000000000";

std::string header_checksum(std::span<const std::byte> length, std::string text) {
  text.replace(kBeforeChecksum.size(), kNoChecksum.size(), kNoChecksum);
  Digest digest;
  digest.add(length);
  digest.add(std::as_bytes(std::span(text)));
  return digest.text();
}

void check_header(std::span<const std::byte> length, const std::string& text) {
  if (!text.starts_with(kBeforeChecksum) || text.size() < kBeforeChecksum.size() + kNoChecksum.size())
    fail(Exit::data, "its header has no checksum: it is damaged, or was not written by this version of fgan");
  if (header_checksum(length, text) != text.substr(kBeforeChecksum.size(), kNoChecksum.size()))
    fail(Exit::data, "its header is damaged: the checksum does not fit");
}

std::string checksum_key(std::string_view tensor) { return format("{}.{}", kChecksum, tensor); }

}  // namespace

const HeaderEntry* StoredHeader::find(std::string_view name) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const HeaderEntry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

StoredHeader read_header(const InputFile& file, Checksums checksums) {
  std::array<std::byte, 8> length_bytes{};
  if (file.size() < length_bytes.size()) fail(Exit::data, "it has {} bytes and no header", file.size());
  file.read(0, length_bytes);
  const std::uint64_t length = little_endian(length_bytes);
  if (length > kMaxHeaderBytes || length > file.size() - 8) {
    fail(Exit::data, "its header claims {} bytes (the file has {}, and at most {} are read)", length, file.size(), kMaxHeaderBytes);
  }
  std::string text(length, '\0');
  file.read(8, std::as_writable_bytes(std::span(text)));
  if (checksums == Checksums::required) check_header(length_bytes, text);
  Header header = parse_header(text);
  check_coverage(header.entries, file.size() - 8 - length);
  return {std::move(header.metadata), std::move(header.entries), 8 + length};
}

std::vector<std::byte> read_tensor(const InputFile& file, const StoredHeader& header, const HeaderEntry& entry, Checksums checksums) {
  std::vector<std::byte> bytes(entry.end - entry.begin);
  file.read(header.data_begin + entry.begin, bytes);
  if (checksums == Checksums::ignored) return bytes;
  const auto expected = header.metadata.find(checksum_key(entry.name));
  if (expected == header.metadata.end()) fail(Exit::data, "it has no checksum of {}", json_text(entry.name));
  if (digest_text(bytes) != expected->second)
    fail(Exit::data, "the data of {} is damaged: the checksum does not fit", json_text(entry.name));
  return bytes;
}

std::map<std::string, std::string> without_checksums(std::map<std::string, std::string> metadata) {
  std::erase_if(metadata, [](const auto& entry) { return entry.first == kChecksum || entry.first.starts_with(checksum_key("")); });
  return metadata;
}

std::uint64_t TensorEntry::bytes() const {
  std::uint64_t count = size_of(dtype);
  for (const std::int64_t dim : dims) count *= static_cast<std::uint64_t>(dim);
  return count;
}

std::string header_bytes(std::span<const TensorEntry> tensors, const std::map<std::string, std::string>& metadata, std::size_t least) {
  std::string text = format("{}{}\"", kBeforeChecksum, kNoChecksum);
  for (const TensorEntry& tensor : tensors) text += format(",{}:\"{}\"", json_text(checksum_key(tensor.name)), tensor.checksum);
  for (const auto& [key, value] : metadata) text += format(",{}:{}", json_text(key), json_text(value));
  text += '}';
  std::uint64_t offset = 0;
  for (const TensorEntry& tensor : tensors) {
    text += fmt::format(",{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", json_text(tensor.name), name_of(tensor.dtype),
                        fmt::join(tensor.dims, ","), offset, offset + tensor.bytes());
    offset += tensor.bytes();
  }
  text += '}';
  text.resize((std::max(text.size() + 8, least) + 7) / 8 * 8 - 8, ' ');  // the data begins at a multiple of 8
  FGAN_CHECK(text.size() <= kMaxHeaderBytes && tensors.size() <= kMaxTensors, "{} tensors with a header of {} bytes", tensors.size(),
             text.size());
  const std::string length = length_bytes(text.size());
  text.replace(kBeforeChecksum.size(), kNoChecksum.size(), header_checksum(std::as_bytes(std::span(length)), text));
  return length + text;
}

}  // namespace fgan
