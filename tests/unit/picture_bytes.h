// Small picture files for tests, and folders of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/png.h"
#include "scratch.h"

namespace fgan::test {

// Every sample has this value; in pictures with alpha every pixel is opaque.
inline std::string png(int width, int height, int channels, int value) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width * height * channels), static_cast<std::uint8_t>(value));
  if (channels % 2 == 0) {
    for (std::size_t i = static_cast<std::size_t>(channels) - 1; i < pixels.size(); i += static_cast<std::size_t>(channels))
      pixels[i] = 255;
  }
  const std::vector<std::byte> bytes = encode_png(pixels, width, height, channels);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A header that is good, pixels that end too soon.
inline std::string cut(std::string_view picture) { return std::string(picture.substr(0, picture.size() - 20)); }

// 16 by 8 grey pixels of 91, written by another program.
inline std::string jpeg() {
  constexpr std::string_view kHex =
      "ffd8ffe000104a46494600010100000100010000ffdb0043001b12141714111b1716171e1c1b2028422b28252528513a3d3042605565645f555d5b6a"
      "7899816a7190735b5d85b586909ea3abadab6780bcc9baa6c799a8aba4ffc0000b080008001001011100ffc400150001010000000000000000000000"
      "0000000004ffc40014100100000000000000000000000000000000ffda0008010100003f00907fffd9";
  std::string bytes;
  for (std::size_t i = 0; i < kHex.size(); i += 2) bytes += static_cast<char>(std::stoi(std::string(kHex.substr(i, 2)), nullptr, 16));
  return bytes;
}

inline void subfolder(const Scratch& scratch, std::string_view name) { std::filesystem::create_directories(scratch / name); }

}  // namespace fgan::test
