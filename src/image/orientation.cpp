#include "image/orientation.h"

#include "base/error.h"

namespace fgan {
namespace {

// Where the pixels of the upright picture lie among the stored ones: its first, and the way to the next in its row and in its column.
struct Walk {
  std::ptrdiff_t first, along, down;
};

Walk walk_of(Orientation orientation, std::ptrdiff_t width, std::ptrdiff_t height) {
  const std::ptrdiff_t last_column = width - 1, last_row = (height - 1) * width;
  switch (orientation) {
    case Orientation::as_stored: return {0, 1, width};
    case Orientation::mirror: return {last_column, -1, width};
    case Orientation::half_turn: return {last_row + last_column, -1, -width};
    case Orientation::flip: return {last_row, 1, -width};
    case Orientation::transpose: return {0, width, 1};
    case Orientation::quarter_right: return {last_row, -width, 1};
    case Orientation::transverse: return {last_row + last_column, -width, -1};
    case Orientation::quarter_left: return {last_column, width, -1};
  }
  FGAN_CHECK(false, "orientation {}", static_cast<int>(orientation));
  return {};
}

}  // namespace

Picture upright(Picture stored, Orientation orientation) {
  if (orientation == Orientation::as_stored || stored.pixels.empty()) return stored;
  const Walk walk = walk_of(orientation, stored.width, stored.height);
  const bool swapped = swaps_sides(orientation);
  Picture out{swapped ? stored.height : stored.width, swapped ? stored.width : stored.height, stored.channels, {}};
  out.pixels.resize(stored.pixels.size());
  std::uint8_t* to = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const std::uint8_t* from = stored.pixels.data() + (walk.first + x * walk.along + y * walk.down) * stored.channels;
      for (int i = 0; i < stored.channels; ++i) *to++ = from[i];
    }
  }
  return out;
}

}  // namespace fgan
