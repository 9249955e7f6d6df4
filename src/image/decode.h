// Image files people have: PNG and JPEG, told by their content.  Pictures come out upright (EXIF orientation applied), 8 bits a sample:
// 16-bit samples by their high byte, palettes as the colours they name, CMYK and YCCK as RGB.
#pragma once

#include <filesystem>

#include "image/picture.h"

namespace fgan {

// What read_image would give: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
struct ImageHeader {
  int width, height, channels;
};

// By its first bytes; unknown as well for what cannot be read.
enum class ImageKind { unknown, png, jpeg };
ImageKind image_kind(const std::filesystem::path& path);

// From the first bytes of the file.  Throws Error(data) that names the file and says what is wrong with it.
ImageHeader read_image_header(const std::filesystem::path& path);

// Throws Error(data), likewise; also for a file that is cut off or damaged, of which no part is given.
Picture read_image(const std::filesystem::path& path);

}  // namespace fgan
