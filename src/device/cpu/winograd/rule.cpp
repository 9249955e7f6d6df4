#include "device/cpu/winograd/rule.h"

#include <algorithm>

namespace fgan::winograd {
namespace {

// To bring a filter into the domain costs as much as to multiply by it for so many tiles.
constexpr std::int64_t kTilesWorthAFilter = 32;

std::int64_t cost(const Shape& y, std::int64_t m) {
  const std::int64_t tiles = y.n * ((y.h + m - 1) / m) * ((y.w + m - 1) / m);
  return (m + 1) * (m + 1) * (tiles + kTilesWorthAFilter);
}

}  // namespace

int outputs_of(const Shape& y) { return cost(y, 4) <= cost(y, 2) ? 4 : 2; }

bool pays(Isa, ConvPass, const Shape& x, const Shape& y) { return std::min(x.c, y.c) >= 32; }

}  // namespace fgan::winograd
