// Noise and pixels: kernels under the shim against the oracle, to the bit.
#include "kernels/images.h"

#include <doctest/doctest.h>

#include <limits>

#include "device/naive/device.h"
#include "device/ops.h"
#include "shim/guarded.h"

using namespace fgan;
using namespace fgan::test;

namespace {

std::vector<float> oracle_noise(bool normal, std::int64_t rows, std::int64_t width, std::int64_t step) {
  const auto device = make_naive_device();
  std::vector<float> y(static_cast<std::size_t>(rows * width));
  device->ops().noise(device->queue(), normal ? Ops::Noise::normal : Ops::Noise::uniform, 77, math::Purpose::latent,
                      {&step, {}, DType::i64}, {y.data(), {rows, 1, 1, width}});
  return y;
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("noise of the kernel is that of the oracle") {
    const std::int64_t step = 12345678901, shapes[][2] = {{1, 1}, {64, 100}, {31, 33}, {3, 257}, {2000, 2}, {1, 3}};
    for (const kernels::Type type : kTypes)
      for (const auto& [rows, width] : shapes)
        for (const bool normal : {true, false}) {
          INFO(name_of(type), ", ", rows, " x ", width, normal ? ", normal" : ", uniform");
          Numbers y(type, rows * width);
          kernels::noise(nullptr, normal, 77, math::Purpose::latent, &step, rows, width, y.array());
          CHECK(y.intact());
          CHECK(difference(rounded(type, oracle_noise(normal, rows, width, step)), y.floats()) == "");
        }
  }

  TEST_CASE("the noise of the next step is another") {
    std::int64_t step = 1;
    Numbers y(kernels::Type::f32, 33);
    kernels::noise(nullptr, true, 77, math::Purpose::latent, &step, 1, 33, y.array());
    const auto first = y.floats();
    ++step;
    kernels::noise(nullptr, true, 77, math::Purpose::latent, &step, 1, 33, y.array());
    CHECK(difference(first, y.floats()) != "");
  }

  TEST_CASE("pixels become the numbers of the oracle") {
    const auto device = make_naive_device();
    std::vector<std::uint8_t> pixels(1025);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
    std::vector<float> y(pixels.size());
    const auto count = static_cast<std::int64_t>(pixels.size());
    device->ops().pixels_in(device->queue(), {pixels.data(), {1, 1, 1, count}, DType::u8}, 1 / 127.5f, -1, {y.data(), {1, 1, 1, count}});
    for (const kernels::Type type : kTypes) {
      Numbers found(type, count);
      kernels::pixels_in(nullptr, count, pixels.data(), 1 / 127.5f, -1, found.array());
      CHECK(found.intact());
      CHECK(difference(rounded(type, y), found.floats()) == "");
    }
  }

  TEST_CASE("numbers become the pixels of the oracle, and what is none becomes one too") {
    constexpr float kInf = std::numeric_limits<float>::infinity(), kMost = std::numeric_limits<float>::max();
    const auto device = make_naive_device();
    std::vector<float> all = random_values(3000, -1.2, 1.2, 1);
    for (const float special : {kInf, -kInf, kMost, -kMost, -1.0f, 1.0f, std::nanf("")}) all.push_back(special);
    const auto count = static_cast<std::int64_t>(all.size());
    for (const kernels::Type type : kTypes) {
      std::vector<float> x = rounded(type, all);
      std::vector<std::uint8_t> expected(x.size());
      device->ops().pixels_out(device->queue(), {x.data(), {1, 1, 1, count}}, 1 / 127.5f, -1,
                               {expected.data(), {1, 1, 1, count}, DType::u8});
      Numbers from(type, x);
      Guarded<std::uint8_t> found(count);
      kernels::pixels_out(nullptr, count, from.array(), 1 / 127.5f, -1, found.data());
      CHECK((from.intact() && found.intact()));
      CHECK((found.values() == expected));
    }
  }

  TEST_CASE("every pixel survives the way to numbers and back") {
    std::vector<std::uint8_t> pixels(256), back(256);
    for (std::size_t i = 0; i < 256; ++i) pixels[i] = static_cast<std::uint8_t>(i);
    Numbers numbers(kernels::Type::f32, 256);
    kernels::pixels_in(nullptr, 256, pixels.data(), 1 / 127.5f, -1, numbers.array());
    kernels::pixels_out(nullptr, 256, numbers.array(), 1 / 127.5f, -1, back.data());
    CHECK((pixels == back));
  }
}
