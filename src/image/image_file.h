// What decode.cpp hands to the decoders of the formats, and what they say of a file before its pixels are decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "image/orientation.h"

namespace fgan {

struct ImageFile {
  std::string name;
  std::uintmax_t size;               // of the file
  std::span<const std::byte> bytes;  // all of it, or its beginning

  bool whole() const { return bytes.size() == size; }
  [[noreturn]] void refuse(std::string_view reason) const { fail(Exit::data, "cannot decode '{}': {}", name, reason); }
};

// As stored: before it is brought upright.
struct ImageInfo {
  int width, height, channels;
  Orientation orientation;
};

// Before anything is allocated for the pixels.  `least`: no file with fewer bytes can hold so many.
inline void check_extent(const ImageFile& file, std::int64_t width, std::int64_t height, std::uintmax_t least) {
  if (width < 1 || height < 1) file.refuse(format("it has {} by {} pixels", width, height));
  if (width > kMaxPictureSide || height > kMaxPictureSide || width * height > kMaxPicturePixels) {
    file.refuse(
        format("it has {} by {} pixels; at most {} a side and {} in all are read", width, height, kMaxPictureSide, kMaxPicturePixels));
  }
  if (file.size < least) file.refuse(format("its {} bytes cannot hold {} by {} pixels", file.size, width, height));
}

}  // namespace fgan
