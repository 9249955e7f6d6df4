#include "data/formats/cifar.h"

#include "base/error.h"
#include "base/file.h"
#include "data/formats/class_names.h"

namespace fgan {
namespace {

constexpr std::size_t kSide = 32, kPlane = kSide * kSide, kPixels = kCifarRecord - 1;
static_assert(kPixels == 3 * kPlane);
constexpr int kClasses = 10;
constexpr std::size_t kRecordsAtOnce = 512;

std::int64_t records_of(const InputFile& file) {
  if (file.size() == 0) fail(Exit::data, "it is empty");
  if (file.size() % kCifarRecord != 0)
    fail(Exit::data, "its {} bytes are no whole number of CIFAR-10 records of {}; copy it again if it was cut off", file.size(),
         kCifarRecord);
  return static_cast<std::int64_t>(file.size() / kCifarRecord);
}

// Calls see(record) for each.
template <class F>
void read_records(const InputFile& file, F&& see) {
  const auto count = static_cast<std::size_t>(records_of(file));
  std::vector<std::byte> buffer;
  for (std::size_t first = 0; first < count; first += kRecordsAtOnce) {
    buffer.resize(std::min(kRecordsAtOnce, count - first) * kCifarRecord);
    file.read(first * kCifarRecord, buffer);
    for (std::size_t i = 0; i < buffer.size() / kCifarRecord; ++i) {
      const std::span<const std::byte> bytes = std::span(buffer).subspan(i * kCifarRecord, kCifarRecord);
      const int label = std::to_integer<int>(bytes[0]);
      if (label >= kClasses)
        fail(Exit::data, "its record {} has the label {}, those of CIFAR-10 are 0 to 9; it is damaged or of another kind", first + i,
             label);
      see(bytes);
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
    read_records(InputFile(path), [](std::span<const std::byte>) {});
    return true;
  } catch (const Error&) {
    return false;
  }
}

void cifar_pixels(std::span<const std::byte> record, std::span<std::byte> pixels) {
  for (std::size_t p = 0; p < kPlane; ++p) {
    for (std::size_t channel = 0; channel < 3; ++channel) pixels[3 * p + channel] = record[1 + channel * kPlane + p];
  }
}

ImageSet survey_cifar(std::span<const std::filesystem::path> files, const std::function<void(std::span<const std::byte>)>& see) {
  ImageSet images;
  images.shape = cifar_shape(files);
  const auto count = static_cast<std::size_t>(images.shape.n);
  images.labels.reserve(count);
  std::vector<std::byte> pixels(kPixels);
  for (const auto& path : files) {
    with_file(path, [&](const InputFile& file) {
      read_records(file, [&](std::span<const std::byte> record) {
        if (images.labels.size() == count) fail(Exit::data, "it grows while it is read");
        images.labels.push_back(std::to_integer<std::int32_t>(record[0]));
        cifar_pixels(record, pixels);
        see(pixels);
      });
    });
  }
  if (images.labels.size() < count) fail(Exit::data, "'{}' shrinks while it is read", files.back().string());
  images.classes = class_names(files[0].parent_path() / "batches.meta.txt", images.labels);
  images.description =
      format("{} colour images of 32 by 32 pixels from {}", count,
             files.size() == 1 ? files[0].string() : format("{} files in {}", files.size(), files[0].parent_path().string()));
  images.description += ", " + count_classes(images.classes);
  return images;
}

Shape cifar_shape(std::span<const std::filesystem::path> files) {
  FGAN_CHECK(!files.empty(), "no files");
  Shape shape{0, kSide, kSide, 3};
  for (const auto& path : files) with_file(path, [&](const InputFile& file) { shape.n += records_of(file); });
  return shape;
}

ImageSet read_cifar(std::span<const std::filesystem::path> files) {
  const std::int64_t bytes = cifar_shape(files).count();
  if (bytes > kMaxImageBytes) {
    fail(Exit::data, "'{}' holds {} bytes of images, at most {} are held; lower data.memory or train on some of its files",
         files[0].parent_path().string(), bytes, kMaxImageBytes);
  }
  std::vector<std::byte> all;
  all.reserve(static_cast<std::size_t>(bytes));
  ImageSet images = survey_cifar(files, [&](std::span<const std::byte> pixels) { all.insert(all.end(), pixels.begin(), pixels.end()); });
  images.pixels = std::move(all);
  return images;
}

}  // namespace fgan
