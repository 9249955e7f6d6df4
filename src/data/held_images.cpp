#include "data/held_images.h"

#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "data/parallel.h"

namespace fgan {
namespace {

class HeldImages : public Dataset {
 public:
  explicit HeldImages(ImageSet images) : images_(std::move(images)) {}

  std::int64_t size() const override { return images_.shape.n; }
  Shape sample_shape() const override { return images_.shape.rows(1); }
  DType dtype() const override { return DType::u8; }
  std::string description() const override { return images_.description; }
  std::string digest() const override { return images_.digest; }
  std::vector<std::string> classes() const override { return images_.classes; }
  int label(std::int64_t index) const override {
    check_index(index);
    return images_.labels.empty() ? -1 : images_.labels[static_cast<std::size_t>(index)];
  }
  void read(std::int64_t index, std::span<std::byte> out) const override {
    check_index(index);
    FGAN_CHECK(out.size() == static_cast<std::size_t>(images_.shape.example()), "an image of {} into {} bytes", to_string(images_.shape),
               out.size());
    std::memcpy(out.data(), images_.pixels.data() + static_cast<std::size_t>(index) * out.size(), out.size());
  }

 private:
  void check_index(std::int64_t index) const { FGAN_CHECK(index >= 0 && index < size(), "image {} of {}", index, size()); }

  ImageSet images_;
};

}  // namespace

std::string count_classes(const std::vector<std::string>& classes) {
  return counted(static_cast<std::int64_t>(classes.size()), "class", "classes");
}

std::unique_ptr<Dataset> hold(ImageSet images) {
  const auto count = static_cast<std::size_t>(images.shape.n);
  FGAN_CHECK(images.pixels.size() == static_cast<std::size_t>(images.shape.count()), "{} bytes for {}", images.pixels.size(),
             to_string(images.shape));
  FGAN_CHECK(images.labels.empty() || images.labels.size() == count, "{} labels for {} images", images.labels.size(), count);
  return std::make_unique<HeldImages>(std::move(images));
}

FitTarget fit_target(const DataOptions& options, const Shape& own) {
  return {.width = options.size > 0 ? options.size : static_cast<int>(own.w),
          .height = options.size > 0 ? options.size : static_cast<int>(own.h),
          .channels = options.channels > 0 ? options.channels : static_cast<int>(own.c),
          .fit = options.fit,
          .background = static_cast<std::uint8_t>(options.background)};
}

void fit_image(const Shape& own, std::span<const std::byte> from, const FitTarget& target, std::span<std::byte> to) {
  Picture picture{static_cast<int>(own.w), static_cast<int>(own.h), static_cast<int>(own.c), std::vector<std::uint8_t>(from.size())};
  std::memcpy(picture.pixels.data(), from.data(), from.size());
  const Picture fitted = fit(picture, target);
  FGAN_CHECK(fitted.pixels.size() == to.size(), "fitted to {} bytes instead of {}", fitted.pixels.size(), to.size());
  std::memcpy(to.data(), fitted.pixels.data(), to.size());
}

void bring_to(const DataOptions& options, ImageSet& images) {
  const Shape own = images.shape;
  const FitTarget target = fit_target(options, own);
  const Shape shape{own.n, target.height, target.width, target.channels};
  if (shape == own) return;
  if (shape.count() > kMaxImageBytes) {
    fail(Exit::usage, "{} images of {} by {} pixels are {} bytes, at most {} are held; choose a smaller data.size than {}", shape.n,
         shape.h, shape.w, shape.count(), kMaxImageBytes, options.size);
  }
  std::vector<std::byte> pixels(static_cast<std::size_t>(shape.count()));
  const auto from = static_cast<std::size_t>(own.example()), to = static_cast<std::size_t>(shape.example());
  for_each_index(own.n, [&](std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    fit_image(own, std::span(images.pixels).subspan(i * from, from), target, std::span(pixels).subspan(i * to, to));
  });
  images.pixels = std::move(pixels);
  images.shape = shape;
  images.description += format(", brought to {}x{}x{}", shape.h, shape.w, shape.c);
}

}  // namespace fgan
