#include "image/axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"

namespace fgan {
namespace {

// The least step of the form {1, 2, 5} * 10^k that is not smaller than `step`.
double round_step(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string label(double value, double step, double largest) {
  if (std::abs(value) < step / 2) return "0";
  if (largest >= 1e5 || step < 1e-4) return format("{:.3g}", value);
  return format("{:.{}f}", value, std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9))));
}

}  // namespace

Range range_of(const std::vector<double>& values) {
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const double value : values) {
    // Beyond f32 differences of values could overflow, and nobody could read the axis.
    if (!std::isfinite(value) || std::abs(value) > 1e38) continue;
    range = {std::min(range.low, value), std::max(range.high, value)};
  }
  if (range.low > range.high) return {0, 1};
  const double least = std::max(1e-6 * std::max(std::abs(range.low), std::abs(range.high)), 1e-9);
  if (range.high - range.low < least) return {range.low - std::max(least, 0.5), range.high + std::max(least, 0.5)};
  return range;
}

std::vector<Tick> ticks(const Range& range, int most) {
  const double step = round_step((range.high - range.low) / most);
  std::vector<Tick> found;
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  for (double k = std::ceil(range.low / step - 1e-9); k * step <= range.high + 1e-9 * step; ++k) {
    found.push_back({k * step, label(k * step, step, largest)});
    if (found.size() > 100) break;  // steps below the resolution of double
  }
  return found;
}

}  // namespace fgan
