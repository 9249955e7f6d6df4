#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "data/loader.h"

using namespace fgan;

namespace {

std::vector<std::int64_t> order(std::uint64_t seed, std::int64_t epoch, std::int64_t size) {
  std::vector<std::int64_t> values;
  for (std::int64_t p = 0; p < size; ++p) values.push_back(permute(seed, epoch, p, size));
  return values;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("an epoch visits every sample once") {
    for (const std::int64_t size : {1, 2, 3, 4, 5, 31, 100, 1000, 60'000}) {
      for (const std::int64_t epoch : {0, 1, 1000}) {
        CAPTURE(size);
        std::vector<bool> seen(static_cast<std::size_t>(size));
        for (const std::int64_t index : order(3, epoch, size)) {
          REQUIRE(index >= 0);
          REQUIRE(index < size);
          REQUIRE_FALSE(seen[static_cast<std::size_t>(index)]);
          seen[static_cast<std::size_t>(index)] = true;
        }
      }
    }
  }
  TEST_CASE("epochs and seeds differ in their order, equal ones agree") {
    CHECK(order(1, 0, 100) == order(1, 0, 100));
    CHECK(order(1, 0, 100) != order(1, 1, 100));
    CHECK(order(1, 0, 100) != order(2, 0, 100));
    CHECK(order(1, 0, 100) != order(1, std::int64_t{1} << 32, 100));
  }
  TEST_CASE("over many epochs every position sees every sample, and every neighbour, equally often") {
    for (const std::int64_t size : {2, 3, 5, 8, 12}) {
      CAPTURE(size);
      const auto n = static_cast<std::size_t>(size);
      constexpr int epochs = 4000;
      std::vector<double> at(n * n), after(n * n);
      for (int epoch = 0; epoch < epochs; ++epoch) {
        const auto values = order(9, epoch, size);
        for (std::size_t p = 0; p < n; ++p) at[p * n + static_cast<std::size_t>(values[p])] += 1;
        for (std::size_t p = 1; p < n; ++p) after[static_cast<std::size_t>(values[p - 1]) * n + static_cast<std::size_t>(values[p])] += 1;
      }
      double chi = 0, chi_after = 0;
      for (const double count : at) chi += std::pow(count - epochs / double(n), 2) / (epochs / double(n));
      for (std::size_t i = 0; i < n * n; ++i) {
        if (i % (n + 1) != 0) chi_after += std::pow(after[i] - epochs / double(n), 2) / (epochs / double(n));
      }
      // Degrees of freedom f = (n-1)^2; the mean is f and the deviation sqrt(2 f): six of them.  The pairs are no independent counts, their
      // statistic has at most n (n-1) degrees of freedom.
      const double f = double((n - 1) * (n - 1)), g = double(n * (n - 1));
      CHECK(chi < f + 6 * std::sqrt(2 * f));
      CHECK(chi_after < g + 6 * std::sqrt(2 * g) + 6);
    }
  }
  TEST_CASE("positions of a set of 2^40 samples stay within it and apart") {
    const std::int64_t size = std::int64_t{1} << 40;
    std::int64_t before = -1;
    for (std::int64_t p = 0; p < 1000; ++p) {
      const std::int64_t index = permute(1, 0, p, size);
      REQUIRE(index >= 0);
      REQUIRE(index < size);
      REQUIRE(index != before);
      before = index;
    }
    CHECK_THROWS_AS((void)permute(1, 0, 5, 5), std::logic_error);
    CHECK_THROWS_AS((void)permute(1, 0, -1, 5), std::logic_error);
  }
}
