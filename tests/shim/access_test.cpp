// How many bytes a thread moves at once: 16 wherever whole packs of 16 make up what it walks over, and how much a launch says to move.
#include <doctest/doctest.h>

#include "kernels/dot.h"
#include "kernels/images.h"
#include "kernels/normalize.h"
#include "kernels/optimizer.h"
#include "kernels/pointwise.h"
#include "shim/guarded.h"

using namespace fgan;
using namespace fgan::test;

namespace {

struct Launches final : kernels::Witness {
  std::vector<kernels::Work> all;
  void launched(const kernels::Work& work) override { all.push_back(work); }
};

constexpr math::ActivationSpec kLeaky{math::Activation::leaky_relu, 0.2f};
constexpr std::int64_t kRows = 4, kPixels = 9;

// Every kernel that walks over [rows, pixels, channels], once.
std::vector<kernels::Work> launches_over(kernels::Type type, std::int64_t channels) {
  const std::int64_t pixels = kRows * kPixels, count = pixels * channels;
  Numbers x(type, random_values(count, -1, 1, 1)), y(type, random_values(count, -1, 1, 2)), out(type, count),
      weight(type, random_values(channels, -1, 1, 3)), v(kernels::Type::f32, random_values(pixels, -1, 1, 4));
  Guarded<float> gain(random_values(channels, 0.5, 2, 5)), moments(4 * channels), sums(2 * channels);
  const kernels::NormShape shape{kRows, kPixels, channels};
  const std::size_t bytes = std::max(kernels::normalize_scratch(shape), kernels::bias_act_grad_scratch(channels));
  Guarded<unsigned char> memory(static_cast<std::int64_t>(bytes));
  const kernels::Scratch scratch{memory.data(), bytes};
  const kernels::RowGroups groups{{{0, 2, math::Role::real}, {2, 2, math::Role::fake}}, 2};
  const math::NormSpec norm{math::Statistics::batch, kLeaky};
  std::int64_t counter = 0;
  unsigned arrivals = 0;
  Launches launches;
  const kernels::Stream stream{nullptr, &launches};
  kernels::bias_act(stream, kLeaky, pixels, channels, x.array(), gain.data(), out.array());
  kernels::bias_act_grad(stream, kLeaky, pixels, channels, y.array(), x.array(), out.array(), sums.data(), scratch, &arrivals);
  kernels::bias_act_grad(stream, kLeaky, pixels, channels, y.array(), x.array(), out.array(), nullptr, scratch, &arrivals);
  kernels::normalize(stream, norm, groups, shape, x.array(), gain.data(), gain.data(), out.array(), moments.data(), scratch);
  kernels::normalize_grad(stream, norm, groups, shape, x.array(), out.array(), y.array(), gain.data(), moments.data(), y.array(),
                          sums.data(), sums.data() + channels, scratch);
  kernels::dot_rows(stream, kLeaky, pixels, channels, x.array(), weight.array(), nullptr, v.array());
  kernels::outer(stream, pixels, channels, v.array(), weight.array(), out.array());
  kernels::weighted_rows(stream, pixels, channels, x.array(), v.array(), sums.data(), scratch, &arrivals);
  kernels::noise(stream, true, 1, math::Purpose::latent, &counter, 0, pixels, channels, out.array(), &arrivals);
  return launches.all;
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("a thread moves 16 bytes at once where the channels are whole packs of them, else one number") {
    for (const kernels::Type type : kTypes) {
      const int number = type == kernels::Type::bf16 ? 2 : 4;
      for (const kernels::Work& work : launches_over(type, 16)) {
        INFO(name_of(type), ", ", work.name);
        const bool four_numbers = work.name == std::string("noise");  // which share a block of random words
        CHECK(work.access == (four_numbers ? 4 * number : 16));
      }
      for (const kernels::Work& work : launches_over(type, 3)) {
        INFO(name_of(type), ", ", work.name);
        CHECK(work.access == number);
      }
    }
  }

  TEST_CASE("a launch says the bytes of what it reads and writes") {
    const auto launches = launches_over(kernels::Type::bf16, 16);
    const std::int64_t numbers = 2 * kRows * kPixels * 16, vector = 4 * 16, pairs = 2 * 2 * vector;
    const auto check = [&](std::size_t at, std::string_view name, std::int64_t read, std::int64_t written) {
      REQUIRE(at < launches.size());
      CHECK(launches[at].name == name);
      CHECK(launches[at].read == read);
      CHECK(launches[at].written == written);
    };
    check(0, "bias_act", numbers + vector, numbers);
    check(1, "bias_act_grad", 2 * numbers, numbers + vector);
    check(2, "act_grad", 2 * numbers, numbers);
    check(3, "measure_parts", numbers, pairs);
    check(4, "normalize_parts", numbers + pairs + 2 * vector, numbers + pairs);
    check(5, "sum_parts", 3 * numbers + pairs, pairs);
    check(6, "grad_parts", 3 * numbers + 2 * pairs + vector, numbers + 2 * vector);
    check(7, "dot_rows", numbers + 2 * 16, 4 * kRows * kPixels);
    check(8, "outer", 4 * kRows * kPixels + 2 * 16, numbers);
    check(9, "weighted_rows", numbers + 4 * kRows * kPixels, vector);
    check(10, "noise", 0, numbers);
  }
}
