#include "data/formats/idx.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "data/formats/gzip.h"

namespace fgan {
namespace {

constexpr std::uint32_t kImages = 0x0803, kLabels = 0x0801;

std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte b : bytes.first(4)) value = value << 8 | std::to_integer<std::uint32_t>(b);
  return value;
}

class IdxImages : public Dataset {
 public:
  IdxImages(Shape shape, std::vector<std::byte> pixels, std::string description)
      : shape_(shape), pixels_(std::move(pixels)), description_(std::move(description)) {}

  std::int64_t size() const override { return shape_.n; }
  Shape sample_shape() const override { return shape_.rows(1); }
  DType dtype() const override { return DType::u8; }
  std::string description() const override { return description_; }
  void read(std::int64_t index, std::span<std::byte> out) const override {
    FGAN_CHECK(index >= 0 && index < shape_.n && out.size() == static_cast<std::size_t>(shape_.example()), "image {} into {} bytes", index,
               out.size());
    std::memcpy(out.data(), pixels_.data() + static_cast<std::size_t>(index) * out.size(), out.size());
  }

 private:
  Shape shape_;
  std::vector<std::byte> pixels_;
  std::string description_;
};

// Checked against limits and against what the file can hold, before anything is allocated.
Shape read_header(GzipFile& file) {
  std::array<std::byte, 16> header{};
  const std::size_t got = file.read(header);
  const std::uint32_t magic = got < 4 ? 0 : big_endian(header);
  if (got < 4) fail(Exit::data, "it is too short to be an IDX file of images ({} bytes)", got);
  if (magic == kLabels) fail(Exit::data, "it is an IDX file of labels; give the file of the images");
  if (magic != kImages) fail(Exit::data, "it is not an IDX file of 8-bit images: it begins with 0x{:08x}, not 0x{:08x}", magic, kImages);
  if (got < header.size()) fail(Exit::data, "it ends within its header");
  const std::span<const std::byte> sizes(header);
  const Shape shape{big_endian(sizes.subspan(4)), big_endian(sizes.subspan(8)), big_endian(sizes.subspan(12)), 1};
  if (shape.n == 0) fail(Exit::data, "it holds no images");
  if (shape.h < 1 || shape.w < 1 || shape.h > kMaxImageSide || shape.w > kMaxImageSide) {
    fail(Exit::data, "its images are said to be {} by {} pixels; 1 to {} a side are read", shape.h, shape.w, kMaxImageSide);
  }
  if (shape.count() > kMaxImageBytes) fail(Exit::data, "it is said to hold {} bytes; at most {} are read", shape.count(), kMaxImageBytes);
  return shape;
}

std::vector<std::byte> read_pixels(GzipFile& file, const Shape& shape) {
  const auto expected = static_cast<std::uintmax_t>(shape.count());
  const auto promise = [&] { return format("{} images of {} by {} pixels are promised", shape.n, shape.h, shape.w); };
  if (file.most_bytes() < expected + 16) fail(Exit::data, "it is truncated: {}, {} bytes are there", promise(), file.stored_bytes());
  std::vector<std::byte> pixels(expected);
  const std::size_t got = file.read(pixels);
  if (got < pixels.size()) fail(Exit::data, "it is truncated: {}, {} bytes of {} are there", promise(), got, pixels.size());
  std::byte more;
  if (file.read({&more, 1}) != 0) fail(Exit::data, "it is longer than it says: {}, more bytes follow", promise());
  return pixels;
}

std::string lower_name(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

bool contains(const std::filesystem::path& path, std::string_view word) { return lower_name(path).find(word) != std::string::npos; }

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    std::error_code ignored;
    if (i->is_regular_file(ignored)) files.push_back(i->path());
  }
  if (error) fail(Exit::data, "cannot read the folder '{}': {}", folder.string(), error.message());
  std::sort(files.begin(), files.end());
  return files;
}

// A set that was unpacked beside its archive ("x" and "x.gz") is one set.
void drop_packed_twins(std::vector<std::filesystem::path>& files) {
  std::erase_if(files, [copy = files](const std::filesystem::path& file) {
    return file.extension() == ".gz" && std::count(copy.begin(), copy.end(), file.parent_path() / file.stem()) > 0;
  });
}

}  // namespace

bool is_idx_images(const std::filesystem::path& path) {
  try {
    GzipFile file(path);
    std::array<std::byte, 4> magic{};
    return file.read(magic) == magic.size() && big_endian(magic) == kImages;
  } catch (const Error&) {
    return false;
  }
}

std::unique_ptr<Dataset> open_idx(const std::filesystem::path& path) {
  GzipFile file(path);
  try {
    const Shape shape = read_header(file);
    std::vector<std::byte> pixels = read_pixels(file, shape);
    std::string description = format("{} grey images of {} by {} pixels from {}", shape.n, shape.h, shape.w, path.string());
    return std::make_unique<IdxImages>(shape, std::move(pixels), std::move(description));
  } catch (const Error& error) {
    fail(error.exit(), "cannot use '{}' as data: {}", path.string(), error.what());
  }
}

std::filesystem::path find_training_images(const std::filesystem::path& folder) {
  const std::vector<std::filesystem::path> files = files_of(folder);
  if (files.empty())
    fail(Exit::data, "the folder '{}' holds no files; put the training images there or name another folder", folder.string());
  std::vector<std::filesystem::path> images;
  std::copy_if(files.begin(), files.end(), std::back_inserter(images), is_idx_images);
  if (images.empty()) {
    fail(Exit::data, "none of the {} files in '{}' is an IDX file of 8-bit images (plain or gzip)", files.size(), folder.string());
  }
  std::erase_if(images, [](const auto& file) { return contains(file, "t10k") || contains(file, "test"); });
  if (images.empty()) fail(Exit::data, "'{}' holds test images only; name a file of them to train on it nevertheless", folder.string());
  drop_packed_twins(images);
  if (std::any_of(images.begin(), images.end(), [](const auto& file) { return contains(file, "train"); })) {
    std::erase_if(images, [](const auto& file) { return !contains(file, "train"); });
  }
  if (images.size() == 1) return images.front();
  std::string names;
  for (const auto& file : images) names += (names.empty() ? "" : ", ") + file.filename().string();
  fail(Exit::data, "'{}' holds several files of images ({}); name the one to train on", folder.string(), names);
}

}  // namespace fgan
