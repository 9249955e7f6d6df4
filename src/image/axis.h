// Axes: a range of values and the round numbers marked on it.
#pragma once

#include <string>
#include <vector>

namespace fgan {

struct Range {
  double low, high;
  double fraction(double value) const { return (value - low) / (high - low); }
};

// From the least to the greatest finite value, widened where that is a single point; {0, 1} when there is none.
Range range_of(const std::vector<double>& values);

struct Tick {
  double value;
  std::string label;
};

// At most `most` multiples of 1, 2 or 5 times a power of ten within the range, labelled with as many digits as they need.
std::vector<Tick> ticks(const Range& range, int most);

}  // namespace fgan
