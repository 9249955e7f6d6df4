#include "image/canvas.h"

#include <stb_easy_font.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/error.h"

namespace fgan {
namespace {

constexpr int kTextScale = 2;  // stb_easy_font draws capitals 7 pixels high

std::string printable(std::string_view text) {
  std::string ascii(text.substr(0, 200));
  std::replace_if(
      ascii.begin(), ascii.end(), [](char c) { return c < 32 || c > 126; }, '?');
  return ascii;
}

// The rectangles that make up a text, relative to its top left corner.
std::vector<Box> text_boxes(std::string_view text) {
  struct Vertex {
    float x, y, z;
    unsigned char colour[4];
  };
  std::vector<Vertex> vertices(4 * 64 * (text.size() + 1));
  std::string ascii = printable(text);
  const int quads = stb_easy_font_print(0, 0, ascii.data(), nullptr, vertices.data(), static_cast<int>(vertices.size() * sizeof(Vertex)));
  std::vector<Box> boxes;
  const auto pixel = [](float v) { return static_cast<int>(std::lround(v)) * kTextScale; };
  for (std::size_t q = 0; q < static_cast<std::size_t>(quads); ++q) {
    const Vertex &a = vertices[4 * q], &b = vertices[4 * q + 2];
    boxes.push_back({pixel(a.x), pixel(a.y), pixel(b.x), pixel(b.y)});
  }
  return boxes;
}

// Coverage of the pixels by strokes: the maximum over the strokes, so that their joints are not darker.
class Mask {
 public:
  explicit Mask(const Box& box)
      : box_(box),
        values_(static_cast<std::size_t>(std::max(0, box.right - box.left)) * static_cast<std::size_t>(std::max(0, box.bottom - box.top))) {
  }

  void stroke(Point a, Point b, double width) {
    const double reach = width / 2 + 1, dx = b.x - a.x, dy = b.y - a.y, squared = dx * dx + dy * dy;
    const int top = low(std::min(a.y, b.y) - reach, box_.top, box_.bottom),
              bottom = low(std::max(a.y, b.y) + reach + 1, box_.top, box_.bottom);
    const int left = low(std::min(a.x, b.x) - reach, box_.left, box_.right),
              right = low(std::max(a.x, b.x) + reach + 1, box_.left, box_.right);
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        const double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
        const double t = squared > 0 ? std::clamp((px * dx + py * dy) / squared, 0.0, 1.0) : 0;
        const double coverage = std::clamp(width / 2 + 0.5 - std::hypot(px - t * dx, py - t * dy), 0.0, 1.0);
        float& value = values_[index(x, y)];
        value = std::max(value, static_cast<float>(coverage));
      }
    }
  }

  template <class F>
  void each(F&& draw) const {
    for (int y = box_.top; y < box_.bottom; ++y) {
      for (int x = box_.left; x < box_.right; ++x) {
        if (const float value = values_[index(x, y)]; value > 0) draw(x, y, value);
      }
    }
  }

 private:
  static int low(double v, int from, int to) {
    return static_cast<int>(std::clamp(std::floor(v), static_cast<double>(from), static_cast<double>(to)));
  }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y - box_.top) * static_cast<std::size_t>(box_.right - box_.left) +
           static_cast<std::size_t>(x - box_.left);
  }

  Box box_;
  std::vector<float> values_;
};

// Calls stroke(a, b) for the pieces of the dashed line, the phase running on over corners.
template <class F>
void dashes(std::span<const Point> points, double dash, F&& stroke) {
  double travelled = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point a = points[i - 1], b = points[i];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    for (double at = 0; at < length;) {
      const double phase = std::fmod(travelled + at, 2 * dash);
      const double next = std::min(length, at + std::max((phase < dash ? dash : 2 * dash) - phase, 1e-3));
      const auto point = [&](double s) { return Point{a.x + (b.x - a.x) * s / length, a.y + (b.y - a.y) * s / length}; };
      if (phase < dash) stroke(point(at), point(next));
      at = next;
    }
    travelled += length;
  }
}

}  // namespace

Canvas::Canvas(int width, int height) : picture_{width, height, 3, {}}, clip_{0, 0, width, height} {
  FGAN_CHECK(width > 0 && height > 0 && width <= 16384 && height <= 16384, "a canvas of {}x{}", width, height);
  picture_.pixels.assign(picture_.index(0, height), 255);
}

void Canvas::set(int x, int y, Colour colour) { blend(x, y, colour, 1); }

void Canvas::blend(int x, int y, Colour colour, double opacity) {
  if (x < clip_.left || y < clip_.top || x >= clip_.right || y >= clip_.bottom) return;
  std::uint8_t* pixel = &picture_.pixels[picture_.index(x, y)];
  const std::array<std::uint8_t, 3> to{colour.r, colour.g, colour.b};
  for (std::size_t c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(std::lround(pixel[c] + (to[c] - pixel[c]) * opacity));
}

void Canvas::fill(const Box& box, Colour colour, double opacity) {
  for (int y = std::max(box.top, clip_.top); y < std::min(box.bottom, clip_.bottom); ++y) {
    for (int x = std::max(box.left, clip_.left); x < std::min(box.right, clip_.right); ++x) blend(x, y, colour, opacity);
  }
}

void Canvas::frame(const Box& box, Colour colour) {
  fill({box.left, box.top, box.right, box.top + 1}, colour);
  fill({box.left, box.bottom - 1, box.right, box.bottom}, colour);
  fill({box.left, box.top + 1, box.left + 1, box.bottom - 1}, colour);
  fill({box.right - 1, box.top + 1, box.right, box.bottom - 1}, colour);
}

void Canvas::line(std::span<const Point> path, double width, Colour colour, double dash) {
  // A point at 1e300 would take forever in dashes of 9 pixels; this far off the canvas its direction hardly changes.
  constexpr double kFar = 4.0 * 16384;
  std::vector<Point> points;
  for (const Point p : path) points.push_back({std::clamp(p.x, -kFar, kFar), std::clamp(p.y, -kFar, kFar)});
  Mask mask(clip_);
  const auto stroke = [&](Point a, Point b) { mask.stroke(a, b, width); };
  if (dash > 0) {
    dashes(points, dash, stroke);
  } else {
    for (std::size_t i = 1; i < points.size(); ++i) stroke(points[i - 1], points[i]);
  }
  mask.each([&](int x, int y, float coverage) { blend(x, y, colour, static_cast<double>(coverage)); });
}

void Canvas::text(int x, int y, std::string_view text, Colour colour) {
  for (const Box& b : text_boxes(text)) fill({x + b.left, y + b.top, x + b.right, y + b.bottom}, colour);
}

void Canvas::text_upwards(int x, int y, std::string_view text, Colour colour) {
  for (const Box& b : text_boxes(text)) fill({x + b.top, y - b.right, x + b.bottom, y - b.left}, colour);
}

int text_width(std::string_view text) {
  std::string ascii = printable(text);
  return stb_easy_font_width(ascii.data()) * kTextScale;
}

}  // namespace fgan
