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

Picture fit(const Picture& picture, const FitTarget& target);

}  // namespace fgan
