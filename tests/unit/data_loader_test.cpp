#include "data/loader.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <set>
#include <thread>

#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

// Sample i is the number i; reading one of `bad` fails.  Takes longer for some samples than for others.
class Numbers : public Dataset {
 public:
  explicit Numbers(std::int64_t size, std::set<std::int64_t> bad = {}) : size_(size), bad_(std::move(bad)) {}
  std::int64_t size() const override { return size_; }
  Shape sample_shape() const override { return {1, 1, 1, 2}; }
  DType dtype() const override { return DType::i64; }
  std::string description() const override { return "numbers"; }
  void read(std::int64_t index, std::span<std::byte> out) const override {
    for (std::int64_t i = 0; i < index % 3; ++i) std::this_thread::yield();
    if (bad_.contains(index)) fail(Exit::data, "sample {} is damaged", index);
    const std::int64_t values[2] = {index, -index};
    REQUIRE(out.size() == sizeof values);
    std::memcpy(out.data(), values, sizeof values);
    ++reads;
  }
  mutable std::atomic<int> reads = 0;

 private:
  std::int64_t size_;
  std::set<std::int64_t> bad_;
};

std::vector<std::int64_t> numbers(std::span<const std::byte> batch) {
  std::vector<std::int64_t> values(batch.size() / 8);
  std::memcpy(values.data(), batch.data(), batch.size());
  return values;
}

}  // namespace

TEST_SUITE("fast threads") {
  TEST_CASE("batches are the stream cut in pieces, from any batch number on, over the ends of epochs") {
    const Numbers data(10);
    for (const auto& [first, threads] : {std::pair<std::int64_t, int>{0, 1}, {1, 1}, {17, 1}, {0, 2}, {17, 8}}) {
      Loader loader(data, 5, 4, first, threads);
      for (std::int64_t b = first; b < first + 20; ++b) {
        const auto values = numbers(loader.next());
        REQUIRE(values.size() == 8);
        for (std::int64_t row = 0; row < 4; ++row) {
          const std::int64_t p = b * 4 + row;
          REQUIRE(values[static_cast<std::size_t>(2 * row)] == permute(5, p / 10, p % 10, 10));
          REQUIRE(values[static_cast<std::size_t>(2 * row + 1)] == -permute(5, p / 10, p % 10, 10));
        }
      }
      CHECK(loader.waited() >= 0);
    }
  }
  TEST_CASE("a batch stays untouched until the next one is taken") {
    const Numbers data(1000);
    for (const int threads : {1, 4}) {
      Loader loader(data, 5, 8, 0, threads);
      for (int b = 0; b < 50; ++b) {
        const auto batch = loader.next();
        const auto before = numbers(batch);
        for (int wait = 0; wait < 100; ++wait) std::this_thread::yield();
        REQUIRE(numbers(batch) == before);
      }
    }
  }
  TEST_CASE("a loader stops at once, whether it is ahead, waiting or never asked") {
    const Numbers data(1000);
    for (int round = 0; round < 200; ++round) {
      Loader loader(data, 5, 4, 0, 1 + round % 4);
      for (int b = 0; b < round % 7; ++b) loader.next();
    }
    const int before = data.reads;
    std::this_thread::yield();
    CHECK(data.reads == before);
  }
  TEST_CASE("the error of the first sample that fails comes out of next, after the batches before it, and again") {
    const std::int64_t first = permute(5, 0, 2 * 4 + 1, 100);
    const Numbers data(100, {first, permute(5, 0, 2 * 4 + 2, 100), permute(5, 0, 2 * 4 + 3, 100), permute(5, 0, 3 * 4, 100)});
    for (int round = 0; round < 50; ++round) {
      Loader loader(data, 5, 4, 0, 1 + round % 8);
      for (std::int64_t row = 0; row < 8; row += 4) REQUIRE(numbers(loader.next())[0] == permute(5, 0, row, 100));
      for (int i = 0; i < 2; ++i) {
        const Outcome result = outcome([&] { loader.next(); });
        REQUIRE(result.exit == Exit::data);
        REQUIRE(result.message == format("sample {} is damaged", first));
      }
    }
  }
  TEST_CASE("a batch may be larger than the set") {
    const Numbers data(3);
    Loader loader(data, 1, 7, 0);
    CHECK(numbers(loader.next()).size() == 14);
  }
}
