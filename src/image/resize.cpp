#include "image/resize.h"

#include <new>

#include "base/error.h"

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb_image_resize.h>

namespace fgan {

Picture scaled_part(const Picture& picture, const ScaledPart& part) {
  FGAN_CHECK(picture.channels == 1 || picture.channels == 3, "{} channels", picture.channels);
  FGAN_CHECK(part.x >= 0 && part.y >= 0 && part.width > 0 && part.height > 0 && part.x <= part.scaled_width - part.width &&
                 part.y <= part.scaled_height - part.height,
             "the part {},{} {}x{} of {}x{}", part.x, part.y, part.width, part.height, part.scaled_width, part.scaled_height);
  Picture out{part.width, part.height, picture.channels, {}};
  out.pixels.resize(out.index(0, out.height));
  const float x_scale = static_cast<float>(part.scaled_width) / static_cast<float>(picture.width);
  const float y_scale = static_cast<float>(part.scaled_height) / static_cast<float>(picture.height);
  const int done = stbir_resize_subpixel(picture.pixels.data(), picture.width, picture.height, 0, out.pixels.data(), out.width, out.height,
                                         0, STBIR_TYPE_UINT8, picture.channels, STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP,
                                         STBIR_EDGE_CLAMP, STBIR_FILTER_CATMULLROM, STBIR_FILTER_CATMULLROM, STBIR_COLORSPACE_LINEAR,
                                         nullptr, x_scale, y_scale, static_cast<float>(part.x), static_cast<float>(part.y));
  if (done == 0) throw std::bad_alloc();
  return out;
}

}  // namespace fgan
