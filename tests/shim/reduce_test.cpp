// Sums of a block and of its teams, of whole numbers: every thread has the exact sum, in any order of the threads.
#include <doctest/doctest.h>

#include <vector>

#include "shim/orders.h"
#include "shim/sums.h"

namespace fgan {
namespace {

using samples::kSummed;

float number(int thread) { return static_cast<float>(thread % 13 + thread); }

// Of the threads `stride` apart that are in one team with this one.
float team(int thread, int stride, int members) {
  float sum = 0;
  const int first = thread / (stride * members) * stride * members + thread % stride;
  for (int member = 0; member < members; ++member) sum += number(first + member * stride);
  return sum;
}

void check_sums(const shim::Execution& execution) {
  const test::Executing executing(execution);
  std::vector<float> x;
  double sum = 0, squares = 0;
  for (int t = 0; t < kSummed; ++t) {
    x.push_back(number(t));
    sum += static_cast<double>(x.back());
    squares += static_cast<double>(x.back()) * static_cast<double>(x.back());
  }
  std::vector<samples::Sums> found(kSummed);
  samples::all_sums(nullptr, x.data(), found.data());
  for (int t = 0; t < kSummed; ++t) {
    const samples::Sums& own = found[static_cast<std::size_t>(t)];
    CHECK(own.block == sum);
    CHECK(own.block_squares == squares);
    CHECK(own.team_of_4 == team(t, 8, 4));
    CHECK(own.team_of_all == team(t, 1, kSummed));
    if (t < kSummed / 35 * 35) CHECK(own.cut_team == team(t, 5, 7));
  }
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("sums over blocks and teams are whole in every thread") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) check_sums({shim::Engine::fibres, seed});
  }
}

// A sum that is taken too early after another one is a race that orders of fibres hardly ever show.
TEST_SUITE("fast shim threads") {
  TEST_CASE("sums one after another have no races") { check_sums({shim::Engine::threads, 1}); }
}

}  // namespace fgan
