// The way up of a picture: cameras store rows as the sensor gives them and say in EXIF what has to be done to see them upright.
#pragma once

#include "image/picture.h"

namespace fgan {

// What brings the stored picture upright, with EXIF's numbers.  transpose mirrors at the diagonal from the top left, transverse at the
// other one; a quarter turn to the right is clockwise.
enum class Orientation : int {
  as_stored = 1,
  mirror = 2,
  half_turn = 3,
  flip = 4,
  transpose = 5,
  quarter_right = 6,
  transverse = 7,
  quarter_left = 8,
};

inline bool swaps_sides(Orientation orientation) { return orientation >= Orientation::transpose; }

Picture upright(Picture stored, Orientation orientation);

}  // namespace fgan
