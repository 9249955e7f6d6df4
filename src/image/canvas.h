// Drawing on an RGB picture: rectangles, anti-aliased lines, text.  Coordinates are pixels from the top left corner; the centre of
// pixel i is i + 0.5.  What lies outside is cut off.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "image/picture.h"

namespace fgan {

struct Colour {
  std::uint8_t r, g, b;
};

// Okabe and Ito's palette, told apart by colour-blind readers too.
namespace palette {
inline constexpr Colour black{0, 0, 0}, white{255, 255, 255}, grey{110, 110, 110}, light{226, 226, 226};
inline constexpr Colour blue{0, 114, 178}, vermilion{213, 94, 0}, green{0, 158, 115}, orange{230, 159, 0}, purple{204, 121, 167};
}  // namespace palette

struct Point {
  double x, y;
};
struct Box {
  int left, top, right, bottom;
};  // right and bottom excluded

class Canvas {
 public:
  Canvas(int width, int height);

  // Nothing outside the box is drawn until the next call.
  void clip(const Box& box) { clip_ = box; }
  void no_clip() { clip_ = {0, 0, picture_.width, picture_.height}; }

  void set(int x, int y, Colour colour);
  void blend(int x, int y, Colour colour, double opacity);
  void fill(const Box& box, Colour colour, double opacity = 1);
  void frame(const Box& box, Colour colour);  // the lines just inside the box
  // Connected points; width in pixels; dash > 0: strokes and gaps of that length.
  void line(std::span<const Point> path, double width, Colour colour, double dash = 0);
  // (x, y) is the top left corner.  ASCII; other bytes are shown as question marks.
  void text(int x, int y, std::string_view text, Colour colour);
  void text_upwards(int x, int y, std::string_view text, Colour colour);  // turned by 90 degrees, (x, y) its bottom left corner

  Picture take() { return std::move(picture_); }

 private:
  Picture picture_;
  Box clip_;
};

int text_width(std::string_view text);
inline constexpr int kTextHeight = 18;  // capitals are 14 pixels high

}  // namespace fgan
