// Pictures and image files made for tests.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "image/orientation.h"
#include "image/png.h"
#include "scratch.h"

namespace fgan::test {

// Smooth, so that JPEG keeps it, and without any symmetry.
inline Picture smooth_picture(int width, int height, int channels) {
  Picture picture{width, height, channels, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int i = 0; i < channels; ++i) {
        picture.pixels.push_back(
            static_cast<std::uint8_t>(128 + 60 * std::sin(0.11 * x + 0.07 * y + i) + 50 * std::cos(0.05 * x - 0.13 * y)));
      }
    }
  }
  return picture;
}

inline Picture noise_picture(int width, int height, int channels, std::uint32_t seed = 1) {
  Picture picture{width, height, channels, {}};
  picture.pixels.resize(picture.index(0, height));
  for (std::uint8_t& value : picture.pixels) value = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  return picture;
}

// The greatest difference; 999 where the two are not of one shape.
inline int distance(const Picture& a, const Picture& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels || a.pixels.size() != b.pixels.size()) return 999;
  int most = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

inline std::string png_bytes(const Picture& picture) {
  const auto bytes = encode_png(picture.pixels, picture.width, picture.height, picture.channels);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::string png_chunk(std::string_view type, std::string_view data) {
  const std::string checked = std::string(type) + std::string(data);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + checked + big_endian(static_cast<std::uint32_t>(sum));
}

// `colour`: PNG's colour type; `middle`: chunks between header and end.
inline std::string png_of(std::uint32_t width, std::uint32_t height, int depth, int colour, std::string_view middle) {
  const char rest[] = {static_cast<char>(depth), static_cast<char>(colour), 0, 0, 0};
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", big_endian(width) + big_endian(height) + std::string(rest, 5)) + std::string(middle) +
         png_chunk("IEND", "");
}

inline std::string deflated(std::string_view bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uLong>(bytes.size()), 9);
  out.resize(size);
  return out;
}

// EXIF that says only this, behind another entry; `order` is 'I' (little-endian) or 'M'.
inline std::string exif_of(std::uint32_t orientation, char order = 'I', std::uint32_t type = 3, std::uint32_t count = 1,
                           std::uint32_t tag = 0x0112) {
  std::string out;
  const auto number = [&](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> 8 * (order == 'I' ? i : size - 1 - i));
  };
  out += order;
  out += order;
  number(42, 2);
  number(8, 4);
  number(2, 2);
  number(0x010f, 2), number(2, 2), number(4, 4), out += std::string_view("abc\0", 4);
  number(tag, 2), number(type, 2), number(count, 4);
  if (type == 4) {
    number(orientation, 4);
  } else {
    number(orientation, 2), number(0, 2);
  }
  number(0, 4);
  return out;
}

}  // namespace fgan::test
