#include "tensor/safetensors.h"

#include <algorithm>
#include <set>

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

SafeTensors read_from(const InputFile& file) {
  std::array<std::byte, 8> length_bytes{};
  if (file.size() < length_bytes.size()) fail(Exit::data, "it has {} bytes and no header", file.size());
  file.read(0, length_bytes);
  const std::uint64_t length = little_endian(length_bytes);
  if (length > kMaxHeaderBytes || length > file.size() - 8) {
    fail(Exit::data, "its header claims {} bytes (the file has {}, and at most {} are read)", length, file.size(), kMaxHeaderBytes);
  }
  std::string text(length, '\0');
  file.read(8, std::as_writable_bytes(std::span(text)));
  Header header = parse_header(text);
  check_coverage(header.entries, file.size() - 8 - length);

  SafeTensors contents{std::move(header.metadata), {}};
  contents.tensors.reserve(header.entries.size());
  for (HeaderEntry& entry : header.entries) {
    StoredTensor tensor{std::move(entry.name), entry.dtype, std::move(entry.dims), std::vector<std::byte>(entry.end - entry.begin)};
    file.read(8 + length + entry.begin, tensor.bytes);
    contents.tensors.push_back(std::move(tensor));
  }
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

std::string header_text(const SafeTensors& contents, std::span<const StoredTensor* const> order) {
  std::string text = "{";
  if (!contents.metadata.empty()) {
    text += format("\"{}\":{{", kMetadataKey);
    for (const auto& [key, value] : contents.metadata) text += format("{}:{},", json_text(key), json_text(value));
    text.back() = '}';
    text += ',';
  }
  std::size_t offset = 0;
  for (const StoredTensor* tensor : order) {
    text += fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}},", json_text(tensor->name), name_of(tensor->dtype),
                        fmt::join(tensor->dims, ","), offset, offset + tensor->bytes.size());
    offset += tensor->bytes.size();
  }
  if (text.back() == ',') text.pop_back();
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

SafeTensors read_safetensors(const std::filesystem::path& path) {
  const InputFile file(path);
  try {
    return read_from(file);
  } catch (const Error& error) {
    fail(error.exit(), "'{}' is not a whole safetensors file: {}", path.string(), error.what());
  }
}

void write_safetensors(const std::filesystem::path& path, const SafeTensors& contents) {
  const std::vector<const StoredTensor*> order = sorted(contents);
  const std::string text = header_text(contents, order);
  std::array<std::byte, 8> length{};
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<std::byte>(text.size() >> (8 * i));
  std::vector<std::span<const std::byte>> parts{length, std::as_bytes(std::span(text))};
  for (const StoredTensor* tensor : order) parts.emplace_back(tensor->bytes);
  write_file(path, parts);
}

}  // namespace fgan
