// Pictures of any size and kind to the size and channels that a network takes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/option.h"
#include "image/picture.h"

namespace fgan {

// crop: scaled until the whole target is covered, the middle kept.  pad: scaled until the whole picture is seen, the rest background.
// stretch: both sides scaled on their own.
enum class Fit : int { crop, pad, stretch };
template <>
struct EnumNames<Fit> {
  static constexpr std::array<std::string_view, 3> names{"crop", "pad", "stretch"};
};

struct FitTarget {
  int width, height, channels;  // 1 (grey: ITU-R BT.601 luma) or 3 (RGB)
  Fit fit = Fit::crop;
  std::uint8_t background = 255;  // grey level behind transparent pixels and beside padded pictures
};

// Transparent pixels are laid on the background first, then scaled (image/resize.h says by which filter).  Scaled sides are rounded to
// whole pixels, halves up, and are one at least; where the two sides of what is cut off or added cannot be equal, the left and the top
// are the smaller by one pixel.  A picture whose scaled size is its own is not resampled: its bytes are those of the file.
Picture fit(const Picture& picture, const FitTarget& target);

}  // namespace fgan
