#include "tensor/safetensors.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "tensor/safetensors_layout.h"

namespace fgan {
namespace {

SafeTensors read_from(const InputFile& file, Checksums checksums) {
  const StoredHeader header = read_header(file, checksums);
  SafeTensors contents{without_checksums(header.metadata), {}};
  contents.tensors.reserve(header.entries.size());
  for (const HeaderEntry& entry : header.entries)
    contents.tensors.push_back({entry.name, entry.dtype, entry.dims, read_tensor(file, header, entry, checksums)});
  return contents;
}

// In the order of the file: by alignment so that every tensor is aligned in it, then by name.
std::vector<const StoredTensor*> sorted(const SafeTensors& contents) {
  std::vector<const StoredTensor*> order;
  std::set<std::string_view> names{kMetadataKey};
  for (const StoredTensor& tensor : contents.tensors) {
    FGAN_CHECK(tensor.dims.size() <= kMaxRank, "tensor {} has rank {}", json_text(tensor.name), tensor.dims.size());
    FGAN_CHECK(names.insert(tensor.name).second, "two tensors are called {}", json_text(tensor.name));
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return size_of(a->dtype) != size_of(b->dtype) ? size_of(a->dtype) > size_of(b->dtype) : a->name < b->name;
  });
  return order;
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
  std::vector<TensorEntry> entries;
  for (const StoredTensor* tensor : order) {
    entries.push_back({tensor->name, tensor->dtype, tensor->dims, digest_text(tensor->bytes)});
    FGAN_CHECK(tensor->bytes.size() == entries.back().bytes(), "tensor {} has {} bytes", json_text(tensor->name), tensor->bytes.size());
  }
  const std::string header = header_bytes(entries, contents.metadata);
  std::vector<std::span<const std::byte>> parts{std::as_bytes(std::span(header))};
  for (const StoredTensor* tensor : order) parts.emplace_back(tensor->bytes);
  write_file(path, parts);
}

}  // namespace fgan
