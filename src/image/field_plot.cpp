#include "image/field_plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "image/axis.h"
#include "image/canvas.h"

namespace fgan {
namespace {

constexpr int kLeft = 70, kGap = 30, kTop = 46, kBar = 16;
constexpr int kBelow = 40 + kBar + 8 + kTextHeight + 12;  // tick labels, colour bar and its labels
constexpr Colour kNotFinite{170, 170, 170};

// Points on viridis (S. van der Walt and N. Smith, CC0) and on the red-blue scale of ColorBrewer (C. Brewer), evenly spaced.
constexpr std::array<Colour, 9> kViridis{{{68, 1, 84},
                                          {71, 44, 122},
                                          {59, 81, 139},
                                          {44, 113, 142},
                                          {33, 144, 141},
                                          {39, 173, 129},
                                          {92, 200, 99},
                                          {170, 220, 50},
                                          {253, 231, 37}}};
constexpr std::array<Colour, 9> kBlueRed{{{33, 102, 172},
                                          {67, 147, 195},
                                          {146, 197, 222},
                                          {209, 229, 240},
                                          {247, 247, 247},
                                          {253, 219, 199},
                                          {244, 165, 130},
                                          {214, 96, 77},
                                          {178, 24, 43}}};

Colour colour_at(const std::array<Colour, 9>& map, double fraction) {
  const double position = std::clamp(fraction, 0.0, 1.0) * 8;
  const auto i = std::min<std::size_t>(static_cast<std::size_t>(position), 7);
  const double t = position - static_cast<double>(i);
  const auto mix = [&](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(std::lround(a + (b - a) * t)); };
  return {mix(map[i].r, map[i + 1].r), mix(map[i].g, map[i + 1].g), mix(map[i].b, map[i + 1].b)};
}

const std::array<Colour, 9>& map_of(Scale scale) { return scale == Scale::density ? kViridis : kBlueRed; }

Range colour_range(const FieldPlot& plot, const Field& field) {
  std::vector<double> values;
  for (const Field& other : plot.fields) {
    const bool shared = field.scale == Scale::density && other.scale == Scale::density;
    if (shared || &other == &field) values.insert(values.end(), other.values.begin(), other.values.end());
  }
  const Range range = range_of(values);
  if (field.scale == Scale::density) return {0, range.high > 0 ? range.high : 1};
  const double reach = std::max({std::abs(range.high - field.centre), std::abs(range.low - field.centre), 1e-9});
  return {field.centre - reach, field.centre + reach};
}

void draw_values(Canvas& canvas, const Field& field, const Box& box, const Range& range) {
  for (int y = box.top; y < box.bottom; ++y) {
    const int row = static_cast<int>((box.bottom - y - 0.5) / (box.bottom - box.top) * field.rows);
    for (int x = box.left; x < box.right; ++x) {
      const int column = static_cast<int>((x - box.left + 0.5) / (box.right - box.left) * field.columns);
      const double value =
          field.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(field.columns) + static_cast<std::size_t>(column)];
      canvas.set(x, y, std::isfinite(value) ? colour_at(map_of(field.scale), range.fraction(value)) : kNotFinite);
    }
  }
}

void draw_ticks(Canvas& canvas, const FieldPlot& plot, const Box& box, bool first) {
  const Range x_range{plot.x_min, plot.x_max}, y_range{plot.y_min, plot.y_max};
  for (const Tick& tick : ticks(x_range, 5)) {
    const int x = box.left + static_cast<int>(std::lround(x_range.fraction(tick.value) * (box.right - box.left - 1)));
    canvas.fill({x, box.bottom, x + 1, box.bottom + 5}, palette::grey);
    canvas.text(x - text_width(tick.label) / 2, box.bottom + 10, tick.label, palette::black);
  }
  for (const Tick& tick : ticks(y_range, 5)) {
    const int y = box.bottom - 1 - static_cast<int>(std::lround(y_range.fraction(tick.value) * (box.bottom - box.top - 1)));
    canvas.fill({box.left - 5, y, box.left, y + 1}, palette::grey);
    if (first) canvas.text(box.left - 10 - text_width(tick.label), y - 7, tick.label, palette::black);
  }
}

void draw_colour_bar(Canvas& canvas, const Field& field, const Box& box, const Range& range) {
  const Box bar{box.left, box.bottom + 40, box.right, box.bottom + 40 + kBar};
  for (int x = bar.left; x < bar.right; ++x) {
    canvas.fill({x, bar.top, x + 1, bar.bottom}, colour_at(map_of(field.scale), (x - bar.left + 0.5) / (bar.right - bar.left)));
  }
  canvas.frame(bar, palette::grey);
  const int y = bar.bottom + 8;
  const std::array<double, 3> values{range.low, (range.low + range.high) / 2, range.high};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string label = format("{:.3g}", values[i]);
    canvas.text(bar.left + static_cast<int>(i) * (bar.right - bar.left - text_width(label)) / 2, y, label, palette::black);
  }
}

void draw_panel(Canvas& canvas, const FieldPlot& plot, const Field& field, const Box& box) {
  const Range range = colour_range(plot, field);
  canvas.text((box.left + box.right - text_width(field.title)) / 2, 16, field.title, palette::black);
  draw_values(canvas, field, box, range);
  draw_ticks(canvas, plot, box, &field == &plot.fields.front());
  canvas.frame(box, palette::grey);
  draw_colour_bar(canvas, field, box, range);
}

}  // namespace

Picture draw(const FieldPlot& plot) {
  const double wide = plot.x_max - plot.x_min, high = plot.y_max - plot.y_min;
  FGAN_CHECK(!plot.fields.empty() && wide > 0 && high > 0 && std::isfinite(wide) && std::isfinite(high), "{} fields on {} by {}",
             plot.fields.size(), wide, high);
  // Equal units on both axes, but no panel thinner than a quarter.
  const auto side = [&](double length) { return static_cast<int>(plot.panel * std::max(0.25, length / std::max(wide, high))); };
  const int width = side(wide), height = side(high), count = static_cast<int>(plot.fields.size());
  Canvas canvas(kLeft + count * (width + kGap), kTop + height + kBelow);
  for (int i = 0; i < count; ++i) {
    const Field& field = plot.fields[static_cast<std::size_t>(i)];
    FGAN_CHECK(field.columns > 0 && field.rows > 0 &&
                   field.values.size() == static_cast<std::size_t>(field.columns) * static_cast<std::size_t>(field.rows),
               "field '{}' of {}x{} has {} values", field.title, field.columns, field.rows, field.values.size());
    const int left = kLeft + i * (width + kGap);
    draw_panel(canvas, plot, field, {left, kTop, left + width, kTop + height});
  }
  return canvas.take();
}

}  // namespace fgan
