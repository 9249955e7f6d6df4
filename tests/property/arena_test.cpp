#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "tensor/arena_plan.h"

using namespace fgan;

namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

// Live bytes at the worst tick: no plan can do with less.
std::size_t peak(const ArenaPlan& plan, int ticks) {
  std::size_t worst = 0;
  for (int tick = 0; tick < ticks; ++tick) {
    std::size_t live = 0;
    for (const auto& slot : plan.slots()) live += slot.first <= tick && tick <= slot.last ? aligned(slot.bytes) : 0;
    worst = std::max(worst, live);
  }
  return worst;
}

bool overlap(const ArenaPlan::Slot& a, const ArenaPlan::Slot& b) {
  const bool live = a.first <= b.last && b.first <= a.last;
  return live && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("in random plans no two live slots overlap, offsets are aligned, and the total lies between peak and sum") {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
      CAPTURE(round);
      ArenaPlan plan;
      const int ticks = 1 + static_cast<int>(random() % 30), slots = static_cast<int>(random() % 40);
      for (int i = 0; i < slots; ++i) {
        const int slot = plan.slot(random() % 5 == 0 ? random() % 3 : random() % 100'000);
        if (random() % 10 == 0) plan.keep(slot);
        for (std::uint32_t touches = 1 + random() % 3; touches > 0; --touches) plan.touch(slot, static_cast<int>(random()) % ticks);
      }
      plan.solve();
      for (int i = 0; i < slots; ++i) {
        const auto& slot = plan.slots()[static_cast<std::size_t>(i)];
        REQUIRE(plan.offset(i) % ArenaPlan::kAlignment == 0);
        REQUIRE(plan.offset(i) + slot.bytes <= plan.bytes());
        for (int j = 0; j < i; ++j) REQUIRE_FALSE(overlap(slot, plan.slots()[static_cast<std::size_t>(j)]));
      }
      REQUIRE(plan.bytes() >= peak(plan, ticks));
      REQUIRE(plan.bytes() <= plan.unshared_bytes());
    }
  }
  TEST_CASE("a chain of layers that only hand over needs two slots' memory") {
    ArenaPlan plan;
    for (int tick = 0; tick < 10; ++tick) {
      const int slot = plan.slot(1024);
      plan.touch(slot, tick);
      plan.touch(slot, tick + 1);
    }
    plan.solve();
    CHECK(plan.bytes() == 2 * 1024);
    CHECK(plan.unshared_bytes() == 10 * 1024);
  }
  TEST_CASE("kept slots share with nobody") {
    ArenaPlan plan;
    const int kept = plan.slot(256), early = plan.slot(256), late = plan.slot(256);
    plan.keep(kept);
    plan.touch(early, 0);
    plan.touch(late, 9);
    plan.solve();
    CHECK(plan.bytes() == 512);
    CHECK(plan.offset(early) == plan.offset(late));
    CHECK(plan.offset(kept) != plan.offset(early));
  }
  TEST_CASE("asking too early, too late or for an untouched slot is refused") {
    ArenaPlan plan;
    const int slot = plan.slot(1);
    CHECK_THROWS_AS((void)plan.offset(slot), std::logic_error);
    plan.solve();
    CHECK_THROWS_AS((void)plan.offset(slot), std::logic_error);
    CHECK_THROWS_AS(plan.touch(slot, 0), std::logic_error);
    CHECK_THROWS_AS(plan.solve(), std::logic_error);
    CHECK(plan.bytes() == 0);
  }
}
