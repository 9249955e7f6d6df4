#include "device/cpu/winograd/rule.h"

#include <algorithm>

namespace fgan::winograd {
namespace {

constexpr std::int64_t kFewestChannels = 32;  // below, the transforms are too much of the work, and padding to 16 too much of the rest
// To bring a filter into the domain costs as much as to multiply by it for so many tiles.
constexpr std::int64_t kTilesWorthAFilter = 32;

// Products of a channel of V with one of y.
std::int64_t cost(const Shape& y, std::int64_t m) {
  const std::int64_t tiles = y.n * ((y.h + m - 1) / m) * ((y.w + m - 1) / m);
  return (m + 1) * (m + 1) * (tiles + kTilesWorthAFilter);
}

std::int64_t direct_cost(const Shape& y) { return 4 * y.pixels(); }

}  // namespace

int outputs_of(const Shape& y) { return cost(y, 4) <= cost(y, 2) ? 4 : 2; }

bool pays(const Shape& x, const Shape& y) {
  return std::min(x.c, y.c) >= kFewestChannels && std::min(cost(y, 4), cost(y, 2)) < direct_cost(y);
}

}  // namespace fgan::winograd
