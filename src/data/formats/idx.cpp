#include "data/formats/idx.h"

#include <array>

#include "base/error.h"
#include "data/formats/class_names.h"
#include "data/formats/gzip.h"
#include "data/formats/idx_labels.h"
#include "data/formats/idx_numbers.h"

namespace fgan {
namespace {

// Checked against limits and against what the file can hold, before anything is allocated.
Shape read_header(GzipFile& file) {
  std::array<std::byte, 16> header{};
  const std::size_t got = file.read(header);
  const std::uint32_t magic = got < 4 ? 0 : big_endian(header);
  if (got < 4) fail(Exit::data, "it is too short to be an IDX file of images ({} bytes)", got);
  if (magic == kIdxLabels) fail(Exit::data, "it is an IDX file of labels; give the file of the images");
  if (magic != kIdxImages)
    fail(Exit::data,
         "it is not an IDX file of 8-bit images: it begins with 0x{:08x}, not 0x{:08x} (IDX, CIFAR-10, PNG, JPEG and packed images are "
         "read)",
         magic, kIdxImages);
  if (got < header.size()) fail(Exit::data, "it ends within its header");
  const std::span<const std::byte> sizes(header);
  const Shape shape{big_endian(sizes.subspan(4)), big_endian(sizes.subspan(8)), big_endian(sizes.subspan(12)), 1};
  if (shape.n == 0) fail(Exit::data, "it holds no images");
  if (shape.h < 1 || shape.w < 1 || shape.h > kMaxImageSide || shape.w > kMaxImageSide) {
    fail(Exit::data, "its images are said to be {} by {} pixels; 1 to {} a side are read", shape.h, shape.w, kMaxImageSide);
  }
  return shape;
}

std::vector<std::byte> read_pixels(GzipFile& file, const Shape& shape) {
  if (shape.count() > kMaxImageBytes) fail(Exit::data, "it is said to hold {} bytes; at most {} are held", shape.count(), kMaxImageBytes);
  const auto expected = static_cast<std::uintmax_t>(shape.count());
  const auto promise = [&] { return format("{} images of {} by {} pixels are promised", shape.n, shape.h, shape.w); };
  if (file.most_bytes() < expected + 16)
    fail(Exit::data, "it is truncated: {}, {} bytes are there; copy it again", promise(), file.stored_bytes());
  std::vector<std::byte> pixels(expected);
  const std::size_t got = file.read(pixels);
  if (got < pixels.size()) fail(Exit::data, "it is truncated: {}, {} bytes of {} are there; copy it again", promise(), got, pixels.size());
  std::byte more;
  if (file.read({&more, 1}) != 0) fail(Exit::data, "it is longer than it says: {}, more bytes follow", promise());
  return pixels;
}

}  // namespace

bool is_idx_images(const std::filesystem::path& path) {
  try {
    GzipFile file(path);
    std::array<std::byte, 4> magic{};
    return file.read(magic) == magic.size() && big_endian(magic) == kIdxImages;
  } catch (const Error&) {
    return false;
  }
}

std::optional<Shape> plain_idx_shape(const std::filesystem::path& path) {
  try {
    GzipFile file(path);
    const Shape shape = read_header(file);
    const bool whole = !file.is_packed() && file.stored_bytes() - kIdxHeader == static_cast<std::uintmax_t>(shape.count());
    return whole ? std::optional(shape) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

ImageSet survey_idx(const std::filesystem::path& path, const Shape& shape) {
  ImageSet images;
  images.shape = shape;
  images.labels = read_labels_beside(path, shape.n);
  images.classes = class_names(path.parent_path() / "classes.txt", images.labels);
  images.description = format("{} grey images of {} by {} pixels from {}", shape.n, shape.h, shape.w, path.string());
  if (!images.classes.empty()) images.description += ", " + count_classes(images.classes);
  return images;
}

ImageSet read_idx(const std::filesystem::path& path) {
  Shape shape;
  std::vector<std::byte> pixels;
  try {
    GzipFile file(path);
    shape = read_header(file);
    pixels = read_pixels(file, shape);
  } catch (const Error& error) {
    fail(error.exit(), "cannot use '{}' as data: {}", path.string(), error.what());
  }
  ImageSet images = survey_idx(path, shape);
  images.pixels = std::move(pixels);
  return images;
}

}  // namespace fgan
