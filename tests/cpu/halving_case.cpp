#include "cpu/halving_case.h"

#include <cmath>

#include "math/philox.h"

namespace fgan {
namespace {

std::vector<float> uniform(const Shape& shape, std::uint64_t row) {
  std::vector<float> values(static_cast<std::size_t>(shape.count()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = 2 * math::uniform(20150930, math::Purpose::bench, row, 0, static_cast<std::uint32_t>(i)) - 1;
  return values;
}

}  // namespace

HalvingCase::HalvingCase(const Shape& shape, std::int64_t outputs)
    : x_shape(shape), out(outputs), x(uniform(shape, 1)), filter(uniform(filter_shape(), 2)), dy(uniform(y_shape(), 3)) {}

Shape HalvingCase::y_shape() const { return {x_shape.n, (x_shape.h - 2) / 2 + 1, (x_shape.w - 2) / 2 + 1, out}; }

std::vector<double> HalvingCase::direct(ConvPass pass) const {
  const Shape y = y_shape();
  std::vector<double> result(static_cast<std::size_t>(result_shape(pass).count()));
  const std::int64_t channels = x_shape.c;
  for (std::int64_t n = 0; n < y.n; ++n)
    for (std::int64_t p = 0; p < y.h; ++p)
      for (std::int64_t q = 0; q < y.w; ++q)
        for (std::int64_t tap = 0; tap < 16; ++tap) {
          const std::int64_t h = 2 * p + tap / 4 - 1, w = 2 * q + tap % 4 - 1;
          if (h < 0 || h >= x_shape.h || w < 0 || w >= x_shape.w) continue;
          for (std::int64_t o = 0; o < out; ++o) {
            const auto at_y = static_cast<std::size_t>(((n * y.h + p) * y.w + q) * out + o);
            auto at_x = static_cast<std::size_t>(((n * x_shape.h + h) * x_shape.w + w) * channels);
            auto at_filter = static_cast<std::size_t>((o * 16 + tap) * channels);
            for (std::int64_t c = 0; c < channels; ++c, ++at_x, ++at_filter) {
              if (pass == ConvPass::forward) result[at_y] += static_cast<double>(x[at_x]) * static_cast<double>(filter[at_filter]);
              else if (pass == ConvPass::grad_input) result[at_x] += static_cast<double>(dy[at_y]) * static_cast<double>(filter[at_filter]);
              else result[at_filter] += static_cast<double>(x[at_x]) * static_cast<double>(dy[at_y]);
            }
          }
        }
  return result;
}

double relative_error(const std::vector<float>& found, const std::vector<double>& expected) {
  double error = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = static_cast<double>(found[i]) - expected[i];
    error += difference * difference;
    size += expected[i] * expected[i];
  }
  return std::sqrt(error / size);
}

}  // namespace fgan
