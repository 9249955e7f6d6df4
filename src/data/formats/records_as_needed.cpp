#include "data/formats/records_as_needed.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "data/formats/cifar.h"
#include "data/formats/idx.h"
#include "data/held_images.h"

namespace fgan {
namespace {

constexpr std::size_t kBytesAtOnce = 1 << 20;

struct RecordFile {
  RecordFile(const std::filesystem::path& path, std::int64_t number) : file(path), first(number) {}
  InputFile file;
  std::int64_t first;  // the number of its first image
};

class RecordsAsNeeded : public Dataset {
 public:
  // `images`: everything but the pixels.
  RecordsAsNeeded(const LocatedData& data, const DataOptions& options, ImageSet images)
      : cifar_(data.format == DataFormat::cifar), images_(std::move(images)), target_(fit_target(options, images_.shape)) {
    std::int64_t first = 0;
    for (const auto& path : data.files) {
      const RecordFile& opened = files_.emplace_back(path, first);
      first += static_cast<std::int64_t>((opened.file.size() - begin()) / record());
    }
    shape_ = {1, target_.height, target_.width, target_.channels};
    if (shape_ != images_.shape.rows(1)) images_.description += format(", brought to {}x{}x{}", shape_.h, shape_.w, shape_.c);
    images_.description += ", read as needed (data.memory)";
  }

  std::int64_t size() const override { return images_.shape.n; }
  Shape sample_shape() const override { return shape_; }
  DType dtype() const override { return DType::u8; }
  std::string description() const override { return images_.description; }
  std::string digest() const override { return images_.digest; }
  bool costly() const override { return shape_ != images_.shape.rows(1); }
  std::vector<std::string> classes() const override { return images_.classes; }
  int label(std::int64_t index) const override {
    FGAN_CHECK(index >= 0 && index < size(), "image {} of {}", index, size());
    return images_.labels.empty() ? -1 : images_.labels[static_cast<std::size_t>(index)];
  }
  void prefetch(std::span<const std::int64_t> indices) const override {
    for (const std::int64_t index : indices) {
      const RecordFile& in = file_of(index);
      in.file.prefetch(place_of(in, index), record());
    }
  }
  void read(std::int64_t index, std::span<std::byte> out) const override {
    FGAN_CHECK(index >= 0 && index < size(), "image {} of {}", index, size());
    FGAN_CHECK(out.size() == static_cast<std::size_t>(shape_.example()), "an image of {} into {} bytes", to_string(shape_), out.size());
    if (!costly()) return read_own(index, out);
    std::vector<std::byte> own(static_cast<std::size_t>(images_.shape.example()));
    read_own(index, own);
    fit_image(images_.shape, own, target_, out);
  }

 private:
  std::uint64_t begin() const { return cifar_ ? 0 : kIdxHeader; }
  std::uint64_t record() const { return cifar_ ? kCifarRecord : static_cast<std::uint64_t>(images_.shape.example()); }
  const RecordFile& file_of(std::int64_t index) const {
    const auto next =
        std::upper_bound(files_.begin(), files_.end(), index, [](std::int64_t i, const RecordFile& f) { return i < f.first; });
    return *std::prev(next);
  }
  std::uint64_t place_of(const RecordFile& in, std::int64_t index) const {
    return begin() + static_cast<std::uint64_t>(index - in.first) * record();
  }
  void read_own(std::int64_t index, std::span<std::byte> pixels) const {
    const RecordFile& in = file_of(index);
    if (!cifar_) return in.file.read(place_of(in, index), pixels);
    std::vector<std::byte> bytes(kCifarRecord);
    in.file.read(place_of(in, index), bytes);
    cifar_pixels(bytes, pixels);
  }

  const bool cifar_;
  ImageSet images_;
  const FitTarget target_;
  Shape shape_;
  std::deque<RecordFile> files_;  // which do not move
};

bool fits(const Shape& own, const DataOptions& options) {
  const FitTarget target = fit_target(options, own);
  const std::int64_t bytes = std::max(own.count(), Shape{own.n, target.height, target.width, target.channels}.count());
  return (bytes + (1 << 20) - 1) >> 20 <= options.memory;
}

void add(Digest& digest, const InputFile& file) {
  std::vector<std::byte> bytes;
  for (std::uintmax_t at = kIdxHeader; at < file.size(); at += bytes.size()) {
    bytes.resize(static_cast<std::size_t>(std::min<std::uintmax_t>(kBytesAtOnce, file.size() - at)));
    file.read(at, bytes);
    digest.add(bytes);
  }
}

}  // namespace

std::unique_ptr<Dataset> open_records_as_needed(const LocatedData& data, const DataOptions& options) {
  const bool cifar = data.format == DataFormat::cifar;
  const std::optional<Shape> shape = cifar ? cifar_shape(data.files) : plain_idx_shape(data.files.front());
  if (!shape || fits(*shape, options)) return nullptr;
  Digest digest;
  digest.add(std::as_bytes(std::span(&*shape, 1)));
  ImageSet images = cifar ? survey_cifar(data.files, [&](std::span<const std::byte> pixels) { digest.add(pixels); })
                          : survey_idx(data.files.front(), *shape);
  if (!cifar) add(digest, InputFile(data.files.front()));
  images.digest = digest.text();
  images.description += describe_left_out(data);
  return std::make_unique<RecordsAsNeeded>(data, options, std::move(images));
}

}  // namespace fgan
