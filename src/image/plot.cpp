#include "image/plot.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/axis.h"

namespace fgan {
namespace {

constexpr int kLegendRow = kTextHeight + 6, kSwatch = 36;

std::vector<double> gathered(const LinePlot& plot, Side side, std::vector<double> Series::*member) {
  std::vector<double> values;
  for (const Series& series : plot.series) {
    if (series.side == side) values.insert(values.end(), (series.*member).begin(), (series.*member).end());
  }
  return values;
}

bool uses(const LinePlot& plot, Side side) {
  return std::any_of(plot.series.begin(), plot.series.end(), [&](const Series& series) { return series.side == side; });
}

struct Frame {
  Box box;
  Range x, left, right;

  Point at(const Range& y, double px, double py) const {
    return {box.left + x.fraction(px) * (box.right - box.left), box.bottom - y.fraction(py) * (box.bottom - box.top)};
  }
};

Frame frame_of(const LinePlot& plot) {
  std::vector<double> x = gathered(plot, Side::left, &Series::x);
  const std::vector<double> more = gathered(plot, Side::right, &Series::x);
  x.insert(x.end(), more.begin(), more.end());
  std::vector<double> left = gathered(plot, Side::left, &Series::y);
  left.push_back(0);
  Frame frame{{}, range_of(x), range_of(left), range_of(gathered(plot, Side::right, &Series::y))};
  frame.left.high += 0.06 * (frame.left.high - frame.left.low);
  const double margin = 0.06 * (frame.right.high - frame.right.low);
  frame.right = {frame.right.low - margin, frame.right.high + margin};
  const int legend = static_cast<int>(plot.series.size() + 1) / 2 * kLegendRow;
  const int right_margin = uses(plot, Side::right) ? 110 : 30;
  frame.box = {110, 20 + kTextHeight + 10 + legend + 6, plot.width - right_margin, plot.height - 76};
  FGAN_CHECK(frame.box.right > frame.box.left + 50 && frame.box.bottom > frame.box.top + 50, "a plot of {}x{}", plot.width, plot.height);
  return frame;
}

void draw_axes(Canvas& canvas, const LinePlot& plot, const Frame& frame) {
  const Box& box = frame.box;
  const auto at_y = [&](const Range& range, double value) { return static_cast<int>(std::lround(frame.at(range, 0, value).y)); };
  for (const Tick& tick : ticks(frame.x, 9)) {
    const int x = static_cast<int>(std::lround(frame.at(frame.left, tick.value, 0).x));
    canvas.fill({x, box.top, x + 1, box.bottom + 5}, palette::light);
    canvas.text(x - text_width(tick.label) / 2, box.bottom + 10, tick.label, palette::black);
  }
  for (const Tick& tick : ticks(frame.left, 7)) {
    const int y = at_y(frame.left, tick.value);
    canvas.fill({box.left - 5, y, box.right, y + 1}, palette::light);
    canvas.text(box.left - 10 - text_width(tick.label), y - 7, tick.label, palette::black);
  }
  if (uses(plot, Side::right)) {
    for (const Tick& tick : ticks(frame.right, 7)) {
      const int y = at_y(frame.right, tick.value);
      canvas.fill({box.right - 6, y, box.right + 5, y + 1}, palette::grey);
      canvas.text(box.right + 10, y - 7, tick.label, palette::black);
    }
    canvas.text_upwards(plot.width - 10 - kTextHeight, (box.top + box.bottom + text_width(plot.right_label)) / 2, plot.right_label,
                        palette::black);
  }
  canvas.text((plot.width - text_width(plot.title)) / 2, 16, plot.title, palette::black);
  canvas.text((box.left + box.right - text_width(plot.x_label)) / 2, plot.height - 12 - kTextHeight, plot.x_label, palette::black);
  canvas.text_upwards(12, (box.top + box.bottom + text_width(plot.left_label)) / 2, plot.left_label, palette::black);
}

void draw_area(Canvas& canvas, std::span<const Point> points, int bottom, Colour colour) {
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point a = points[i - 1], b = points[i];
    for (int x = static_cast<int>(std::ceil(a.x - 0.5)); x + 0.5 < b.x; ++x) {
      const double top = a.y + (b.y - a.y) * (x + 0.5 - a.x) / (b.x - a.x);
      canvas.fill({x, static_cast<int>(std::lround(std::clamp(top, -1e6, 1e6))), x + 1, bottom}, colour, 0.22);
    }
  }
}

void draw_stroke(Canvas& canvas, const Series& series, std::span<const Point> points, int bottom) {
  if (series.stroke == Stroke::area) draw_area(canvas, points, bottom, series.colour);
  canvas.line(points, 2.5, series.colour, series.stroke == Stroke::dashed ? 9 : 0);
}

void draw_series(Canvas& canvas, const Frame& frame, const Series& series) {
  FGAN_CHECK(series.x.size() == series.y.size(), "series '{}' has {} x and {} y", series.name, series.x.size(), series.y.size());
  const Range& range = series.side == Side::left ? frame.left : frame.right;
  std::vector<Point> run;
  for (std::size_t i = 0; i <= series.x.size(); ++i) {
    const bool whole = i < series.x.size() && std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
    if (whole) {
      run.push_back(frame.at(range, series.x[i], series.y[i]));
    } else {
      draw_stroke(canvas, series, run, frame.box.bottom);
      run.clear();
    }
  }
}

// Two columns under the title.
void draw_legend(Canvas& canvas, const LinePlot& plot, const Frame& frame) {
  const int column = (frame.box.right - frame.box.left) / 2;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const Series& series = plot.series[i];
    const int x = frame.box.left + static_cast<int>(i % 2) * column, y = 20 + kTextHeight + 10 + static_cast<int>(i / 2) * kLegendRow;
    const std::vector<Point> sample{{x + 0.0, y + 7.5}, {x + kSwatch + 0.0, y + 7.5}};
    draw_stroke(canvas, series, sample, y + 14);
    canvas.text(x + kSwatch + 10, y, series.name, palette::black);
  }
}

}  // namespace

Picture draw(const LinePlot& plot) {
  const Frame frame = frame_of(plot);
  Canvas canvas(plot.width, plot.height);
  draw_axes(canvas, plot, frame);
  draw_legend(canvas, plot, frame);
  canvas.clip(frame.box);
  for (const Series& series : plot.series) draw_series(canvas, frame, series);
  canvas.no_clip();
  canvas.frame(frame.box, palette::grey);
  return canvas.take();
}

}  // namespace fgan
