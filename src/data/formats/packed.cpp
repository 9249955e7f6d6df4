// Reads with pread, not through a map: as fast where the set is larger than memory, and a file that is cut off or a disk that fails is an
// error in words, not a SIGBUS (docs/decisions/0076).
#include "data/formats/packed.h"

#include <array>
#include <cstring>
#include <new>

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "data/held_images.h"
#include "tensor/safetensors_layout.h"

namespace fgan {
namespace {

constexpr std::string_view kSetting = "setting.";

// Everything but the pixels.
struct PackedIndex {
  Shape shape;
  std::uint64_t pixels_begin = 0;  // in the file
  std::vector<std::uint64_t> checksums;
  std::vector<std::int32_t> labels;  // or empty
  std::vector<std::string> classes;
  std::map<std::string, std::string> metadata;
};

Shape shape_of(const HeaderEntry* images) {
  if (images == nullptr || images->dtype != DType::u8 || images->dims.size() != 4) fail(Exit::data, "it has no tensor of images");
  const Shape shape{images->dims[0], images->dims[1], images->dims[2], images->dims[3]};
  const bool usual = shape.n > 0 && shape.h > 0 && shape.w > 0 && shape.h <= kMaxImageSide && shape.w <= kMaxImageSide;
  if (!usual || (shape.c != 1 && shape.c != 3)) {
    fail(Exit::data, "its images are said to be {}; one or more of 1 to {} pixels a side in 1 or 3 channels are read", to_string(shape),
         kMaxImageSide);
  }
  return shape;
}

// `count` 64-bit numbers, little endian as the machine is.
template <class T>
std::vector<T> read_numbers(const InputFile& file, const StoredHeader& header, const HeaderEntry& entry, std::int64_t count) {
  if (entry.dtype != DType::i64 || entry.dims != std::vector{count})
    fail(Exit::data, "its {} are not {} numbers, one for each image", json_text(entry.name), count);
  const std::vector<std::byte> bytes = read_tensor(file, header, entry, Checksums::required);
  std::vector<T> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::int64_t number;
    std::memcpy(&number, bytes.data() + i * sizeof number, sizeof number);
    numbers[i] = static_cast<T>(number);
    if (static_cast<std::int64_t>(numbers[i]) != number) fail(Exit::data, "it has the label {}", number);
  }
  return numbers;
}

std::vector<std::string> classes_of(const std::map<std::string, std::string>& metadata) {
  std::vector<std::string> classes;
  for (auto name = metadata.find(class_key(0)); name != metadata.end(); name = metadata.find(class_key(classes.size())))
    classes.push_back(name->second);
  return classes;
}

void read_labels(const InputFile& file, const StoredHeader& header, PackedIndex& index) {
  const HeaderEntry* entry = header.find("labels");
  if ((entry != nullptr) == index.classes.empty()) fail(Exit::data, "it has labels without classes, or classes without labels");
  if (entry == nullptr) return;
  index.labels = read_numbers<std::int32_t>(file, header, *entry, index.shape.n);
  const auto classes = static_cast<std::int32_t>(index.classes.size());
  for (const std::int32_t label : index.labels)
    if (label < -1 || label >= classes) fail(Exit::data, "it has the label {} and {}", label, count_classes(index.classes));
}

PackedIndex read_index(const InputFile& file) {
  const StoredHeader header = read_header(file, Checksums::required);
  PackedIndex index;
  index.metadata = header.metadata;
  const std::string& format = index.metadata["format"];
  if (!format.starts_with("fgan images")) fail(Exit::data, "it is a safetensors file, but none of images that fgan data convert wrote");
  if (format != kPackedFormat)
    fail(Exit::data, "it is of the format '{}', this version of fgan reads '{}'; convert its source again", format, kPackedFormat);
  const HeaderEntry* images = header.find("images");
  const HeaderEntry* checksums = header.find("checksums");
  index.shape = shape_of(images);
  if (checksums == nullptr) fail(Exit::data, "it has no checksums of its images");
  index.pixels_begin = header.data_begin + images->begin;
  index.checksums = read_numbers<std::uint64_t>(file, header, *checksums, index.shape.n);
  index.classes = classes_of(index.metadata);
  read_labels(file, header, index);
  return index;
}

std::string value_of(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

std::string describe(const std::filesystem::path& path, const PackedIndex& index) {
  const Shape& shape = index.shape;
  std::string text = format("{} of {} by {} pixels from {}",
                            counted(shape.n, shape.c == 1 ? "grey image" : "colour image", shape.c == 1 ? "grey images" : "colour images"),
                            shape.h, shape.w, path.string());
  if (!index.classes.empty()) text += ", " + count_classes(index.classes);
  text += ", packed from " + value_of(index.metadata, "source");
  for (const auto& [key, usual] : packed_settings({}))
    if (const std::string set = value_of(index.metadata, key); set != usual) text += format(" {}={}", key.substr(kSetting.size()), set);
  if (const std::string replaced = value_of(index.metadata, "replaced"); replaced != "0") text += format(", {} of them replaced", replaced);
  return text;
}

void refuse_what_packing_fixed(const PackedIndex& index, const DataOptions& options) {
  const Shape& shape = index.shape;
  if (options.size > 0 && (options.size != shape.h || options.size != shape.w))
    fail(Exit::usage, "its images have {} by {} pixels, and data.size is {}; convert the source again with that size", shape.h, shape.w,
         options.size);
  if (options.channels > 0 && options.channels != shape.c)
    fail(Exit::usage, "its images have {} channels, and data.channels is {}; convert the source again with these", shape.c,
         options.channels);
  if (const std::string replaced = value_of(index.metadata, "replaced"); options.bad_images == BadImages::fail && replaced != "0")
    fail(Exit::data, "{} of its images replace others that could not be decoded, and data.bad_images = fail", replaced);
}

// That of the source as long as it would give the same pixels: then a run may go on with the one or the other.
std::string digest_of(const PackedIndex& index, const DataOptions& options) {
  for (const auto& [key, set] : packed_settings(options))
    if (value_of(index.metadata, key) != set) return value_of(index.metadata, "checksum.images");
  return value_of(index.metadata, "digest");
}

class PackedImages : public Dataset {
 public:
  PackedImages(const std::filesystem::path& path, const DataOptions& options) : path_(path), file_(path), index_(read_index(file_)) {
    refuse_what_packing_fixed(index_, options);
    digest_ = digest_of(index_, options);
  }

  std::int64_t size() const override { return index_.shape.n; }
  Shape sample_shape() const override { return index_.shape.rows(1); }
  DType dtype() const override { return DType::u8; }
  std::string description() const override { return describe(path_, index_); }
  std::string digest() const override { return digest_; }
  std::vector<std::string> classes() const override { return index_.classes; }
  int label(std::int64_t index) const override {
    FGAN_CHECK(index >= 0 && index < size(), "image {} of {}", index, size());
    return index_.labels.empty() ? -1 : index_.labels[static_cast<std::size_t>(index)];
  }
  void prefetch(std::span<const std::int64_t> indices) const override {
    const auto bytes = static_cast<std::uint64_t>(index_.shape.example());
    for (const std::int64_t index : indices) file_.prefetch(place_of(index), bytes);
  }
  void read(std::int64_t index, std::span<std::byte> out) const override {
    FGAN_CHECK(index >= 0 && index < size(), "image {} of {}", index, size());
    FGAN_CHECK(out.size() == static_cast<std::size_t>(index_.shape.example()), "an image of {} into {} bytes", to_string(index_.shape),
               out.size());
    file_.read(place_of(index), out);
    if (digest_value(out) != index_.checksums[static_cast<std::size_t>(index)]) {
      fail(Exit::data, "image {} of '{}' is damaged (bytes {} to {}): its checksum does not fit; convert the source again", index,
           path_.string(), place_of(index), place_of(index + 1) - 1);
    }
  }

 private:
  std::uint64_t place_of(std::int64_t index) const {
    return index_.pixels_begin + static_cast<std::uint64_t>(index) * static_cast<std::uint64_t>(index_.shape.example());
  }

  const std::filesystem::path path_;
  const InputFile file_;
  const PackedIndex index_;
  std::string digest_;
};

}  // namespace

std::map<std::string, std::string> packed_settings(const DataOptions& options) {
  const std::string setting(kSetting);
  return {{setting + "data.size", std::to_string(options.size)},
          {setting + "data.channels", std::to_string(options.channels)},
          {setting + "data.fit", std::string(to_string(options.fit))},
          {setting + "data.background", std::to_string(options.background)}};
}

std::string class_key(std::size_t label) { return format("class.{}", label); }

bool is_packed(const std::filesystem::path& path) {
  constexpr std::size_t kLength = 8;
  constexpr std::string_view kBegin = R"({"__metadata__")";
  if (path.extension() == ".safetensors") return true;
  try {
    const InputFile file(path);
    std::array<char, kBegin.size()> begin{};
    if (file.size() < kLength + begin.size()) return false;
    file.read(kLength, std::as_writable_bytes(std::span(begin)));
    return std::string_view(begin.data(), begin.size()) == kBegin;
  } catch (const Error&) {
    return false;
  }
}

std::unique_ptr<Dataset> open_packed(const std::filesystem::path& path, const DataOptions& options) {
  try {
    return std::make_unique<PackedImages>(path, options);
  } catch (const std::bad_alloc&) {
    fail(Exit::device, "there is no memory for the checksums of the images in '{}'", path.string());
  } catch (const Error& error) {
    fail(error.exit(), "cannot use '{}' as data: {}", path.string(), error.what());
  }
}

}  // namespace fgan
