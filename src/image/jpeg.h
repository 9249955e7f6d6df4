// JPEG files, by libjpeg-turbo.
#pragma once

#include <optional>

#include "image/image_file.h"

namespace fgan {

// Both throw Error(data).  Nothing: the bytes end before the header does.
std::optional<ImageInfo> jpeg_info(const ImageFile& file);

// `file` is whole.  As stored, not upright; grey or RGB.
Picture decode_jpeg(const ImageFile& file);

}  // namespace fgan
