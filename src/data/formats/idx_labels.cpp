#include "data/formats/idx_labels.h"

#include <array>

#include "base/error.h"
#include "data/formats/gzip.h"
#include "data/formats/idx_numbers.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;

bool replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.rfind(from);
  if (at == std::string::npos) return false;
  text.replace(at, from.size(), to);
  return true;
}

// Empty when there is none.
fs::path labels_file(const fs::path& images) {
  std::string name = images.filename().string();
  if (!replace(name, "images", "labels")) return {};
  replace(name, "idx3", "idx1");
  const fs::path same = images.parent_path() / name;
  const fs::path other = same.extension() == ".gz" ? fs::path(same).replace_extension() : fs::path(same.string() + ".gz");
  std::error_code ignored;
  for (const fs::path& file : {same, other}) {
    if (fs::is_regular_file(file, ignored)) return file;
  }
  return {};
}

std::vector<std::int32_t> read_labels(const fs::path& path, std::int64_t count) {
  GzipFile file(path);
  std::array<std::byte, 8> header{};
  if (file.read(header) < header.size()) fail(Exit::data, "it ends within its header");
  const std::span<const std::byte> numbers(header);
  if (big_endian(numbers) != kIdxLabels)
    fail(Exit::data, "it begins with 0x{:08x}, an IDX file of labels with 0x{:08x}", big_endian(numbers), kIdxLabels);
  const std::int64_t promised = big_endian(numbers.subspan(4));
  if (promised != count) fail(Exit::data, "it has {} labels for {} images", promised, count);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));  // as many as images that were read
  const std::size_t got = file.read(bytes);
  if (got < bytes.size()) fail(Exit::data, "it is truncated: {} labels are promised, {} are there", count, got);
  std::byte more;
  if (file.read({&more, 1}) != 0) fail(Exit::data, "it is longer than it says: {} labels are promised, more bytes follow", count);
  std::vector<std::int32_t> labels;
  labels.reserve(bytes.size());
  for (const std::byte b : bytes) labels.push_back(std::to_integer<std::int32_t>(b));
  return labels;
}

}  // namespace

std::vector<std::int32_t> read_labels_beside(const fs::path& images, std::int64_t count) {
  const fs::path path = labels_file(images);
  if (path.empty()) return {};
  try {
    return read_labels(path, count);
  } catch (const Error& error) {
    fail(error.exit(), "cannot use the labels '{}' of '{}': {}; repair them, or remove them to train without", path.string(),
         images.filename().string(), error.what());
  }
}

}  // namespace fgan
