#include "tensor/safetensors.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "tensor/safetensors_header.h"

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

void check_data(const StoredTensor& tensor, const std::map<std::string, std::string>& metadata) {
  const auto expected = metadata.find(checksum_key(tensor.name));
  if (expected == metadata.end()) fail(Exit::data, "it has no checksum of {}", json_text(tensor.name));
  if (digest_text(tensor.bytes) != expected->second)
    fail(Exit::data, "the data of {} is damaged: the checksum does not fit", json_text(tensor.name));
}

SafeTensors read_from(const InputFile& file, Checksums checksums) {
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

  SafeTensors contents{std::move(header.metadata), {}};
  contents.tensors.reserve(header.entries.size());
  for (HeaderEntry& entry : header.entries) {
    StoredTensor tensor{std::move(entry.name), entry.dtype, std::move(entry.dims), std::vector<std::byte>(entry.end - entry.begin)};
    file.read(8 + length + entry.begin, tensor.bytes);
    if (checksums == Checksums::required) check_data(tensor, contents.metadata);
    contents.tensors.push_back(std::move(tensor));
  }
  std::erase_if(contents.metadata, [](const auto& entry) { return entry.first == kChecksum || entry.first.starts_with(checksum_key("")); });
  return contents;
}

std::size_t bytes_of(const StoredTensor& tensor) {
  std::size_t count = 1;
  for (const std::int64_t dim : tensor.dims) count *= static_cast<std::size_t>(dim);
  return count * size_of(tensor.dtype);
}

// In the order of the file: by alignment so that every tensor is aligned in it, then by name.
std::vector<const StoredTensor*> sorted(const SafeTensors& contents) {
  std::vector<const StoredTensor*> order;
  std::set<std::string_view> names{kMetadataKey};
  for (const StoredTensor& tensor : contents.tensors) {
    FGAN_CHECK(tensor.bytes.size() == bytes_of(tensor), "tensor {} has {} bytes", json_text(tensor.name), tensor.bytes.size());
    FGAN_CHECK(tensor.dims.size() <= kMaxRank, "tensor {} has rank {}", json_text(tensor.name), tensor.dims.size());
    FGAN_CHECK(names.insert(tensor.name).second, "two tensors are called {}", json_text(tensor.name));
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return size_of(a->dtype) != size_of(b->dtype) ? size_of(a->dtype) > size_of(b->dtype) : a->name < b->name;
  });
  return order;
}

// With zeros in place of its own checksum.
std::string header_text(const SafeTensors& contents, std::span<const StoredTensor* const> order) {
  std::string text = format("{}{}\"", kBeforeChecksum, kNoChecksum);
  for (const StoredTensor* tensor : order) text += format(",{}:\"{}\"", json_text(checksum_key(tensor->name)), digest_text(tensor->bytes));
  for (const auto& [key, value] : contents.metadata) text += format(",{}:{}", json_text(key), json_text(value));
  text += '}';
  std::size_t offset = 0;
  for (const StoredTensor* tensor : order) {
    text += fmt::format(",{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", json_text(tensor->name), name_of(tensor->dtype),
                        fmt::join(tensor->dims, ","), offset, offset + tensor->bytes.size());
    offset += tensor->bytes.size();
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data begins at a multiple of 8
  FGAN_CHECK(text.size() <= kMaxHeaderBytes && order.size() <= kMaxTensors, "{} tensors with a header of {} bytes", order.size(),
             text.size());
  return text;
}

}  // namespace

const StoredTensor* SafeTensors::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const StoredTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

SafeTensors read_safetensors(const std::filesystem::path& path, Checksums checksums) {
  const InputFile file(path);
  try {
    return read_from(file, checksums);
  } catch (const Error& error) {
    fail(error.exit(), "'{}' is not a whole safetensors file: {}", path.string(), error.what());
  }
}

void write_safetensors(const std::filesystem::path& path, const SafeTensors& contents) {
  const std::vector<const StoredTensor*> order = sorted(contents);
  std::string text = header_text(contents, order);
  std::array<std::byte, 8> length{};
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<std::byte>(text.size() >> (8 * i));
  text.replace(kBeforeChecksum.size(), kNoChecksum.size(), header_checksum(length, text));
  std::vector<std::span<const std::byte>> parts{length, std::as_bytes(std::span(text))};
  for (const StoredTensor* tensor : order) parts.emplace_back(tensor->bytes);
  write_file(path, parts);
}

}  // namespace fgan
