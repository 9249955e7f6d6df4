#include "device/cpu/winograd/rule.h"

#include <algorithm>

namespace fgan::winograd {

int outputs_of(const Shape& y) {
  const auto products = [&](std::int64_t m) {
    const std::int64_t tiles = ((y.h + m - 1) / m) * ((y.w + m - 1) / m);
    return tiles * (m + 1) * (m + 1);
  };
  return products(4) <= products(2) ? 4 : 2;
}

bool pays(Isa, ConvPass, const Shape& x, const Shape& y) { return std::min(x.c, y.c) >= 32; }

}  // namespace fgan::winograd
