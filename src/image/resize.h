// Scaling, by stb_image_resize (resize.cpp is the only file that sees it).
#pragma once

#include "image/picture.h"

namespace fgan {

// A part of a picture that is thought to be scaled.
struct ScaledPart {
  int scaled_width, scaled_height;  // of the whole picture
  int x, y, width, height;          // of the part, in scaled pixels
};

// Catmull-Rom's cubic: over four pixels where a side grows, over what is four pixels of the result where it shrinks, so that what is too
// fine for the result is averaged away; beyond the edges the outermost pixels go on.  Of bytes as they are, without undoing gamma, as
// other tools scale them.  1 or 3 channels.
Picture scaled_part(const Picture& picture, const ScaledPart& part);

}  // namespace fgan
