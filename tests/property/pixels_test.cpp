// Bytes and numbers, mirror and dequantisation: what they promise for every byte and cell.
#include <doctest/doctest.h>

#include <cmath>
#include <utility>

#include "math/pixels.h"

using namespace fgan::math;

namespace {

constexpr std::pair<float, float> kIntervals[] = {{-1.0f, 1.0f}, {0.0f, 1.0f}};
constexpr double kMost = 0.5 - 0x1p-16;  // of u - 1/2

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("exact bytes have the interval's ends and come back") {
    for (const auto& [lowest, highest] : kIntervals) {
      const PixelRange range = exact_range(lowest, highest);
      CHECK(number_of(range, 0.0f) == lowest);
      CHECK(static_cast<double>(number_of(range, 255.0f)) == doctest::Approx(static_cast<double>(highest)).epsilon(1e-7));
      for (int p = 0; p < 256; ++p) CHECK(byte_of(range, static_cast<double>(number_of(range, static_cast<float>(p)))) == p);
    }
  }

  TEST_CASE("the cells of dequantised bytes make up the interval, and the way back leads from anywhere in a cell to its byte") {
    for (const auto& [lowest, highest] : kIntervals) {
      const PixelRange range = dequantised_range(lowest, highest);
      double last = static_cast<double>(lowest);
      for (int p = 0; p < 256; ++p) {
        const double begin = number_of(range, p - 0.5), end = number_of(range, p + kMost);
        CHECK(begin == last);
        CHECK(end < begin + static_cast<double>(range.scale));
        for (const double x : {begin, number_of(range, static_cast<double>(p)), end}) CHECK(byte_of(range, x) == p);
        last = begin + static_cast<double>(range.scale);
      }
      CHECK(last == static_cast<double>(highest));
    }
  }

  TEST_CASE("dequantised numbers are exact in f32") {
    for (const auto& [lowest, highest] : kIntervals) {
      const PixelRange range = dequantised_range(lowest, highest);
      for (std::uint32_t k = 0; k < 4096; ++k) {
        const LevelNoise8 noise = level_noise(1, 2, 3, k);
        for (int i = 0; i < 8; ++i) {
          const auto level = static_cast<float>((8 * k + static_cast<std::uint32_t>(i)) % 256) + noise.x[i];
          REQUIRE(static_cast<double>(number_of(range, level)) == number_of(range, static_cast<double>(level)));
        }
      }
    }
  }

  // 400,000 numbers: a mean has deviation 1 / sqrt(12 n) = 0.00046, a mean square 1 / sqrt(180 n) = 0.00012, a share of 1/16 0.00038.
  TEST_CASE("the noise is uniform over a level, in each of the eight places of a block") {
    constexpr int kBlocks = 50000;
    double sum = 0, square = 0, shares[16] = {}, places[8] = {};
    for (std::uint32_t k = 0; k < kBlocks; ++k) {
      const LevelNoise8 noise = level_noise(11, 5, k / 100, k % 100);
      for (int i = 0; i < 8; ++i) {
        const auto x = static_cast<double>(noise.x[i]);
        REQUIRE(x >= -0.5);
        REQUIRE(x <= kMost);
        sum += x;
        square += x * x;
        ++shares[static_cast<int>((x + 0.5) * 16)];
        places[i] += x;
      }
    }
    CHECK(std::abs(sum / (8 * kBlocks)) < 5 * 0.00046);
    CHECK(std::abs(square / (8 * kBlocks) - 1.0 / 12) < 5 * 0.00012);
    for (const double share : shares) CHECK(std::abs(share / (8 * kBlocks) - 1.0 / 16) < 5 * 0.00038);
    for (const double place : places) CHECK(std::abs(place / kBlocks) < 5 * 0.00046 * std::sqrt(8));
  }

  TEST_CASE("half of the examples are mirrored, whatever happened to those before and in the step before") {
    int mirrored = 0, as_before = 0, as_last_step = 0;
    constexpr int kSteps = 1000, kRows = 64, kCount = kSteps * kRows;
    for (std::uint64_t step = 1; step <= kSteps; ++step)
      for (std::uint32_t row = 1; row <= kRows; ++row) {
        const bool now = is_mirrored(3, step, row);
        mirrored += now;
        as_before += now == is_mirrored(3, step, row - 1);
        as_last_step += now == is_mirrored(3, step - 1, row);
      }
    for (const int count : {mirrored, as_before, as_last_step})
      CHECK(std::abs(count - kCount / 2) < 5 * std::sqrt(static_cast<double>(kCount)) / 2);
  }

  TEST_CASE("mirroring exchanges the columns from left to right, keeps lines and channels, and undoes itself") {
    for (const std::uint32_t columns : {1u, 2u, 7u, 28u})
      for (const std::uint32_t channels : {1u, 3u, 4u}) {
        for (std::uint32_t e = 0; e < 3 * columns * channels; ++e) {
          const std::uint32_t other = mirrored_element(e, columns, channels);
          CHECK(mirrored_element(other, columns, channels) == e);
          CHECK(other % channels == e % channels);
          CHECK(other / (columns * channels) == e / (columns * channels));
          CHECK(other / channels % columns + e / channels % columns == columns - 1);
        }
      }
  }
}
