#include "data/parallel.h"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

TEST_SUITE("fast threads") {
  TEST_CASE("every index is worked on once") {
    for (const std::int64_t count : {0, 1, 7, 1000}) {
      std::vector<int> calls(static_cast<std::size_t>(count));
      for_each_index(count, [&](std::int64_t index) { ++calls[static_cast<std::size_t>(index)]; });
      CHECK(calls == std::vector<int>(static_cast<std::size_t>(count), 1));
    }
  }
  TEST_CASE("the exception of the lowest index comes out, and soon") {
    for (int round = 0; round < 50; ++round) {
      std::atomic<std::int64_t> calls = 0;
      const Outcome result = outcome([&] {
        for_each_index(1'000'000, [&](std::int64_t index) {
          ++calls;
          if (index >= 20 && index % 3 == 0) fail(Exit::data, "index {}", index);
        });
      });
      REQUIRE(result.exit == Exit::data);
      REQUIRE(result.message == "index 21");
      REQUIRE(calls < 1'000'000);
    }
  }
}
