// Images held decoded in memory: what every format of images becomes unless it is too large for that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "image/fit.h"

namespace fgan {

inline constexpr std::int64_t kMaxImageSide = 4096;
inline constexpr std::int64_t kMaxImageBytes = std::int64_t{16} << 30;  // of a whole set, decoded

struct ImageSet {
  Shape shape;                       // n images
  std::vector<std::byte> pixels;     // shape.count()
  std::vector<std::int32_t> labels;  // one for each image, -1: of no class; or empty
  std::vector<std::string> classes;
  std::string description;
  std::string digest;  // Dataset::digest
};

std::string count_classes(const std::vector<std::string>& classes);  // "10 classes"

std::unique_ptr<Dataset> hold(ImageSet images);

// What data.size, channels, fit and background make of images that have this height, width and number of channels.
FitTarget fit_target(const DataOptions& options, const Shape& own);

// One image of these to another size and channels.
void fit_image(const Shape& own, std::span<const std::byte> from, const FitTarget& target, std::span<std::byte> to);

// Brings images that are held already to the size and channels the options ask for.  Throws Error(usage) when that would be too much.
void bring_to(const DataOptions& options, ImageSet& images);

}  // namespace fgan
