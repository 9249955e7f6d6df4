// The random numbers: Random123's known answers, moments, and streams that do not touch.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "math/philox.h"

using namespace fgan::math;

namespace {

bool equal(const Philox4& x, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return x.x[0] == a && x.x[1] == b && x.x[2] == c && x.x[3] == d;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("philox gives the known answers of its authors") {
    constexpr std::uint32_t ones = 0xffffffffu;
    CHECK(equal(philox({{0, 0, 0, 0}}, {{0, 0}}), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
    CHECK(equal(philox({{ones, ones, ones, ones}}, {{ones, ones}}), 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
    CHECK(equal(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, {{0xa4093822, 0x299f31d0}}), 0xd16cfe09, 0x94fdcceb, 0x5001e420,
                0x24126ea1));
  }

  TEST_CASE("uniforms lie strictly between 0 and 1, at both ends of the words too") {
    CHECK(uniform_of(0) > 0.0f);
    CHECK(uniform_of(0xffffffffu) < 1.0f);
    const Normals4 extreme = normals_of({{0, 0, 0xffffffffu, 0xffffffffu}});
    for (float z : extreme.x) CHECK(std::isfinite(z));
  }

  TEST_CASE("normals have the moments of a normal, uniforms those of a uniform") {
    const int count = 400000;
    double sum[4] = {}, uniform_sum = 0, uniform_square = 0;
    int beyond_two = 0;
    for (int i = 0; i < count; ++i) {
      const double z = normal(7, Purpose::latent, 3, static_cast<std::uint32_t>(i / 100), static_cast<std::uint32_t>(i % 100));
      const double u = uniform(7, Purpose::latent, 4, static_cast<std::uint32_t>(i / 100), static_cast<std::uint32_t>(i % 100));
      for (int k = 0; k < 4; ++k) sum[k] += std::pow(z, k + 1);
      beyond_two += std::fabs(z) > 2;
      uniform_sum += u;
      uniform_square += u * u;
    }
    const double deviation = 1 / std::sqrt(count);  // of a mean of unit variance; four of them are allowed
    CHECK(std::fabs(sum[0] / count) < 4 * deviation);
    CHECK(std::fabs(sum[1] / count - 1) < 4 * std::sqrt(2) * deviation);
    CHECK(std::fabs(sum[2] / count) < 4 * std::sqrt(15) * deviation);
    CHECK(std::fabs(sum[3] / count - 3) < 4 * std::sqrt(96) * deviation);
    CHECK(std::fabs(double(beyond_two) / count - 0.0455003) < 4 * 0.2084 * deviation);
    CHECK(std::fabs(uniform_sum / count - 0.5) < 4 * std::sqrt(1.0 / 12) * deviation);
    CHECK(std::fabs(uniform_square / count - 1.0 / 3) < 4 * std::sqrt(4.0 / 45) * deviation);
  }

  TEST_CASE("neighbouring elements, rows, steps, purposes and seeds are uncorrelated") {
    const int count = 100000;
    double product[6] = {};
    for (int i = 0; i < count; ++i) {
      const std::uint32_t row = static_cast<std::uint32_t>(i);
      const double z = normal(7, Purpose::latent, 3, row, 0);
      product[0] += z * normal(7, Purpose::latent, 3, row, 1);
      product[1] += z * normal(7, Purpose::latent, 3, row, 4);
      product[2] += z * normal(7, Purpose::latent, 3, row + 1, 0);
      product[3] += z * normal(7, Purpose::latent, 4, row, 0);
      product[4] += z * normal(7, Purpose::sample_latent, 3, row, 0);
      product[5] += z * normal(8, Purpose::latent, 3, row, 0);
    }
    for (double sum : product) CHECK(std::fabs(sum) < 4 * std::sqrt(count));
  }

  TEST_CASE("no word repeats between purposes, steps beyond 32 bits, rows and elements") {
    std::set<std::uint64_t> seen;
    int drawn = 0;
    for (Purpose purpose : {Purpose::initial_weights, Purpose::latent, Purpose::data_order, Purpose::calibration}) {
      for (std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, std::uint64_t{1} << 63}) {
        for (std::uint32_t row = 0; row < 16; ++row) {
          for (std::uint32_t element = 0; element < 32; element += 2, ++drawn) {
            const std::uint64_t word = bits(1, purpose, step, row, element);
            seen.insert(word << 32 | bits(1, purpose, step, row, element + 1));
          }
        }
      }
    }
    CHECK(seen.size() == static_cast<std::size_t>(drawn));
  }

  TEST_CASE("an element is the same drawn alone or with its block") {
    const Philox4 block = random_block(5, Purpose::data_sample, 9, 2, 3);
    const Normals4 normals = normals_of(block);
    for (std::uint32_t i = 0; i < 4; ++i) {
      CHECK(uniform(5, Purpose::data_sample, 9, 2, 12 + i) == uniform_of(block.x[i]));
      CHECK(normal(5, Purpose::data_sample, 9, 2, 12 + i) == normals.x[i]);
    }
  }
}
