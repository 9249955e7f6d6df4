#include "image/fit.h"

#include <algorithm>

#include "base/error.h"
#include "image/resize.h"

namespace fgan {
namespace {

std::uint8_t on_background(int value, int alpha, int background) {
  return static_cast<std::uint8_t>((value * alpha + background * (255 - alpha) + 127) / 255);
}

// 0.299 R + 0.587 G + 0.114 B in 16 bits after the point, rounded: grey stays what it is, for the weights add up to 1.
std::uint8_t luma(int red, int green, int blue) {
  return static_cast<std::uint8_t>((red * 19595 + green * 38470 + blue * 7471 + (1 << 15)) >> 16);
}

// Opaque, and grey where the target is or the picture was.
Picture plain(const Picture& picture, const FitTarget& target) {
  const int colours = picture.channels <= 2 ? 1 : 3;
  const bool transparent = picture.channels != colours;
  if (!transparent && colours <= target.channels) return picture;
  Picture out{picture.width, picture.height, std::min(colours, target.channels), {}};
  out.pixels.resize(out.index(0, out.height));
  const std::uint8_t* from = picture.pixels.data();
  for (auto to = out.pixels.begin(); to != out.pixels.end(); to += out.channels, from += picture.channels) {
    std::uint8_t pixel[3] = {};
    for (int i = 0; i < colours; ++i) pixel[i] = transparent ? on_background(from[i], from[colours], target.background) : from[i];
    if (out.channels < colours) pixel[0] = luma(pixel[0], pixel[1], pixel[2]);
    for (int i = 0; i < out.channels; ++i) to[i] = pixel[i];
  }
  return out;
}

struct Size {
  int width, height;
};

int scaled(int side, int to, int from) {
  return static_cast<int>(std::max<std::int64_t>(1, (std::int64_t{2} * side * to + from) / (std::int64_t{2} * from)));
}

Size scaled_size(const Picture& picture, const FitTarget& target) {
  if (target.fit == Fit::stretch) return {target.width, target.height};
  const std::int64_t by_width = std::int64_t{target.width} * picture.height, by_height = std::int64_t{target.height} * picture.width;
  const bool width_decides = target.fit == Fit::crop ? by_width >= by_height : by_width <= by_height;
  if (width_decides) return {target.width, scaled(picture.height, target.width, picture.width)};
  return {scaled(picture.width, target.height, picture.height), target.height};
}

// What of the scaled picture is seen, and how far it lies inside the target.
struct Span {
  int first, count, margin;
};

Span span_of(int scaled, int target) {
  return {std::max(0, (scaled - target) / 2), std::min(scaled, target), std::max(0, (target - scaled) / 2)};
}

Picture cut(const Picture& picture, Span x, Span y) {
  Picture out{x.count, y.count, picture.channels, {}};
  out.pixels.resize(out.index(0, out.height));
  for (int row = 0; row < y.count; ++row) {
    std::copy_n(picture.pixels.data() + picture.index(x.first, y.first + row), out.index(0, 1), out.pixels.data() + out.index(0, row));
  }
  return out;
}

// On a canvas of the target's size and channels.
Picture placed(const Picture& picture, Span x, Span y, const FitTarget& target) {
  Picture out{target.width, target.height, target.channels, {}};
  out.pixels.resize(out.index(0, out.height), target.background);
  for (int row = 0; row < picture.height; ++row) {
    const std::uint8_t* from = picture.pixels.data() + picture.index(0, row);
    std::uint8_t* to = out.pixels.data() + out.index(x.margin, y.margin + row);
    for (int column = 0; column < picture.width; ++column, from += picture.channels) {
      for (int i = 0; i < out.channels; ++i) *to++ = from[picture.channels == 1 ? 0 : i];
    }
  }
  return out;
}

}  // namespace

Picture fit(const Picture& picture, const FitTarget& target) {
  FGAN_CHECK(target.width > 0 && target.height > 0 && (target.channels == 1 || target.channels == 3), "a target of {}x{}x{}", target.width,
             target.height, target.channels);
  FGAN_CHECK(picture.width > 0 && picture.height > 0 && picture.channels >= 1 && picture.channels <= 4 &&
                 picture.pixels.size() == picture.index(0, picture.height),
             "{} bytes for a picture of {}x{}x{}", picture.pixels.size(), picture.width, picture.height, picture.channels);
  Picture out = plain(picture, target);
  const Size size = scaled_size(picture, target);
  const Span x = span_of(size.width, target.width), y = span_of(size.height, target.height);
  if (size.width != out.width || size.height != out.height) {
    out = scaled_part(out, {size.width, size.height, x.first, y.first, x.count, y.count});
  } else if (x.count != out.width || y.count != out.height) {
    out = cut(out, x, y);
  }
  const bool fills = out.width == target.width && out.height == target.height && out.channels == target.channels;
  return fills ? out : placed(out, x, y, target);
}

}  // namespace fgan
