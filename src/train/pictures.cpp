#include "train/pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "data/loader.h"
#include "image/field_plot.h"
#include "image/plot.h"
#include "train/health.h"

namespace fgan {
namespace {

constexpr std::int64_t kPlotted = 20000;   // generated numbers behind a density
constexpr std::int64_t kMeasured = 2000;   // real ones behind the range of a plot
constexpr int kPoints = 480, kCells = 80;  // of a curve, of a side of a panel

std::vector<double> positions(double lo, double hi, int count) {
  std::vector<double> x(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) x[static_cast<std::size_t>(i)] = lo + (hi - lo) * (i + 0.5) / count;
  return x;
}

// A Gaussian kernel estimate with Silverman's bandwidth (1986, eq. 3.31).
std::vector<double> kernel_density(const std::vector<float>& numbers, const std::vector<double>& x) {
  double mean = 0, variance = 0;
  for (const float n : numbers) mean += n / static_cast<double>(numbers.size());
  for (const float n : numbers) variance += (n - mean) * (n - mean) / static_cast<double>(numbers.size());
  const double width = std::max(0.9 * std::sqrt(variance) * std::pow(static_cast<double>(numbers.size()), -0.2), 1e-6);
  std::vector<float> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> density;
  for (const double at : x) {
    double sum = 0;
    const auto first = std::lower_bound(sorted.begin(), sorted.end(), static_cast<float>(at - 5 * width));
    for (auto n = first; n != sorted.end() && *n < at + 5 * width; ++n) sum += std::exp(-0.5 * std::pow((at - *n) / width, 2));
    density.push_back(sum / (static_cast<double>(numbers.size()) * width * std::sqrt(2 * std::numbers::pi)));
  }
  return density;
}

std::string title(std::optional<std::int64_t> step) { return step ? format("step {}", *step) : std::string("data"); }

}  // namespace

Pictures::Pictures(Device& device, Players& players, In reference, Sampling& sampling, const Dataset& dataset, int samples, double level)
    : sampling_(sampling), dataset_(dataset), samples_(samples), level_(level) {
  if (is_image()) return;
  FGAN_CHECK(dataset.sample_shape().example() <= 2, "only numbers of one or two dimensions can be plotted");
  probe_.emplace(device, players, reference);
  measure_ranges();
}

// In an order that has nothing to do with that of the set, which may be sorted.
template <class T>
std::vector<T> Pictures::real_examples(std::int64_t count) const {
  const auto width = static_cast<std::size_t>(dataset_.sample_shape().example());
  std::vector<T> values(static_cast<std::size_t>(count) * width);
  for (std::int64_t i = 0; i < count; ++i)
    dataset_.read(permute(0, 0, i, dataset_.size()),
                  std::as_writable_bytes(std::span(values).subspan(static_cast<std::size_t>(i) * width, width)));
  return values;
}

std::optional<double> Pictures::real_spread() const {
  const std::int64_t width = dataset_.sample_shape().example();
  if (!is_image()) return spread(real_examples<float>(kMeasured), width);
  return spread(real_examples<std::uint8_t>(std::min<std::int64_t>(samples_, dataset_.size())), width);
}

std::optional<double> Pictures::relative_spread() {
  if (!real_spread_) real_spread_ = real_spread();
  const std::optional<double>& real = *real_spread_;
  return spread_ && real && *real > 0 ? std::optional(*spread_ / *real) : std::nullopt;
}

std::vector<float> Pictures::draw_numbers() {
  std::vector<float> drawn = sampling_.draw(0, kPlotted);
  spread_ = spread(std::span<const float>(drawn), dataset_.sample_shape().example());
  return drawn;
}

// What the data covers, with room for a generator that is not there yet.
void Pictures::measure_ranges() {
  const std::vector<float> numbers = real_examples<float>(kMeasured);
  const auto dimensions = static_cast<std::size_t>(dataset_.sample_shape().example());
  for (std::size_t d = 0; d < dimensions; ++d) {
    Range range{1e30, -1e30};
    for (std::size_t i = d; i < numbers.size(); i += dimensions) {
      range.lo = std::min(range.lo, static_cast<double>(numbers[i]));
      range.hi = std::max(range.hi, static_cast<double>(numbers[i]));
    }
    const double room = 0.2 * (range.hi - range.lo) + 1e-3;
    ranges_.push_back({range.lo - room, range.hi + room});
  }
}

Picture Pictures::line_plot(std::optional<std::int64_t> step) {
  const std::vector<double> x = positions(ranges_[0].lo, ranges_[0].hi, kPoints);
  LinePlot plot;
  plot.title = title(step);
  plot.x_label = "x";
  plot.left_label = "density";
  plot.series.push_back({"data", palette::grey, x, dataset_.density(x), Side::left, Stroke::area});
  if (step) {
    plot.right_label = "critic v";
    plot.series.push_back({"generator", palette::blue, x, kernel_density(draw_numbers(), x), Side::left, Stroke::line});
    const std::vector<float> points(x.begin(), x.end()), v = probe_->values(points);
    plot.series.push_back({"critic", palette::vermilion, x, std::vector<double>(v.begin(), v.end()), Side::right, Stroke::dashed});
  }
  return draw(plot);
}

Picture Pictures::field_plot(std::optional<std::int64_t> step) {
  const Range rx = ranges_[0], ry = ranges_[1];
  const std::vector<double> xs = positions(rx.lo, rx.hi, kCells), ys = positions(ry.lo, ry.hi, kCells);
  std::vector<double> points;
  for (const double y : ys)
    for (const double x : xs) points.insert(points.end(), {x, y});
  FieldPlot plot{rx.lo, rx.hi, ry.lo, ry.hi, {}};
  plot.fields.push_back({"data", kCells, kCells, dataset_.density(points)});
  if (step) {
    const std::vector<float> drawn = draw_numbers();
    std::vector<double> counts(static_cast<std::size_t>(kCells * kCells));
    const double cell = (rx.hi - rx.lo) * (ry.hi - ry.lo) / (kCells * kCells);
    for (std::size_t i = 0; i + 1 < drawn.size(); i += 2) {
      const double column = std::floor((drawn[i] - rx.lo) / (rx.hi - rx.lo) * kCells),
                   row = std::floor((drawn[i + 1] - ry.lo) / (ry.hi - ry.lo) * kCells);
      if (column >= 0 && column < kCells && row >= 0 && row < kCells)
        counts[static_cast<std::size_t>(row) * kCells + static_cast<std::size_t>(column)] += 1 / (cell * static_cast<double>(kPlotted));
    }
    plot.fields.push_back({format("generator, step {}", *step), kCells, kCells, std::move(counts)});
    const std::vector<float> at(points.begin(), points.end()), v = probe_->values(at);
    plot.fields.push_back({"critic v", kCells, kCells, std::vector<double>(v.begin(), v.end()), Scale::signed_values, level_});
  }
  return draw(plot);
}

Picture Pictures::reals() { return is_image() ? data_grid(dataset_, samples_) : plot_of(std::nullopt); }

Picture Pictures::samples(std::int64_t step) {
  if (!is_image()) return plot_of(step);
  const std::vector<std::uint8_t> drawn = sampling_.draw_pixels(0, samples_);
  spread_ = spread(std::span(drawn), dataset_.sample_shape().example());
  return grid_of(drawn, dataset_.sample_shape());
}

}  // namespace fgan
