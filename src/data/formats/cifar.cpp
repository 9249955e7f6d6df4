#include "data/formats/cifar.h"

#include "base/error.h"
#include "base/file.h"
#include "data/formats/class_names.h"

namespace fgan {
namespace {

constexpr std::size_t kSide = 32, kPlane = kSide * kSide, kPixels = 3 * kPlane, kRecord = 1 + kPixels;
constexpr int kClasses = 10;
constexpr std::size_t kRecordsAtOnce = 512;

std::int64_t records_of(const InputFile& file) {
  if (file.size() == 0) fail(Exit::data, "it is empty");
  if (file.size() % kRecord != 0)
    fail(Exit::data, "its {} bytes are no whole number of CIFAR-10 records of {}; copy it again if it was cut off", file.size(), kRecord);
  return static_cast<std::int64_t>(file.size() / kRecord);
}

void planes_to_pixels(std::span<const std::byte> planes, std::span<std::byte> pixels) {
  for (std::size_t p = 0; p < kPlane; ++p) {
    for (std::size_t channel = 0; channel < 3; ++channel) pixels[3 * p + channel] = planes[channel * kPlane + p];
  }
}

// Calls record(label, planes) for each.
template <class F>
void read_records(const InputFile& file, F&& record) {
  const auto count = static_cast<std::size_t>(records_of(file));
  std::vector<std::byte> buffer;
  for (std::size_t first = 0; first < count; first += kRecordsAtOnce) {
    buffer.resize(std::min(kRecordsAtOnce, count - first) * kRecord);
    file.read(first * kRecord, buffer);
    for (std::size_t i = 0; i < buffer.size() / kRecord; ++i) {
      const std::span<const std::byte> bytes = std::span(buffer).subspan(i * kRecord, kRecord);
      const int label = std::to_integer<int>(bytes[0]);
      if (label >= kClasses)
        fail(Exit::data, "its record {} has the label {}, those of CIFAR-10 are 0 to 9; it is damaged or of another kind", first + i,
             label);
      record(label, bytes.subspan(1));
    }
  }
}

template <class F>
void with_file(const std::filesystem::path& path, F&& use) try {
  use(InputFile(path));
} catch (const Error& error) {
  fail(error.exit(), "cannot use '{}' as data: {}", path.string(), error.what());
}

}  // namespace

bool is_cifar(const std::filesystem::path& path) {
  try {
    read_records(InputFile(path), [](int, std::span<const std::byte>) {});
    return true;
  } catch (const Error&) {
    return false;
  }
}

ImageSet read_cifar(std::span<const std::filesystem::path> files) {
  FGAN_CHECK(!files.empty(), "no files");
  std::int64_t count = 0;
  for (const auto& path : files) with_file(path, [&](const InputFile& file) { count += records_of(file); });
  ImageSet images;
  images.shape = {count, kSide, kSide, 3};
  if (images.shape.count() > kMaxImageBytes) {
    fail(Exit::data, "'{}' holds {} bytes of images, at most {} are read; train on some of its files", files[0].parent_path().string(),
         images.shape.count(), kMaxImageBytes);
  }
  images.pixels.resize(static_cast<std::size_t>(images.shape.count()));
  images.labels.reserve(static_cast<std::size_t>(count));
  for (const auto& path : files) {
    with_file(path, [&](const InputFile& file) {
      read_records(file, [&](int label, std::span<const std::byte> planes) {
        if (images.labels.size() == static_cast<std::size_t>(count)) fail(Exit::data, "it grows while it is read");
        planes_to_pixels(planes, std::span(images.pixels).subspan(images.labels.size() * kPixels, kPixels));
        images.labels.push_back(label);
      });
    });
  }
  if (images.labels.size() < static_cast<std::size_t>(count)) fail(Exit::data, "'{}' shrinks while it is read", files.back().string());
  images.classes = class_names(files[0].parent_path() / "batches.meta.txt", images.labels);
  images.description =
      format("{} colour images of 32 by 32 pixels from {}", count,
             files.size() == 1 ? files[0].string() : format("{} files in {}", files.size(), files[0].parent_path().string()));
  images.description += ", " + count_classes(images.classes);
  return images;
}

}  // namespace fgan
