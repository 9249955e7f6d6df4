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
                      {&step, {}, DType::i64}, 0, {y.data(), {rows, 1, 1, width}});
  return y;
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("noise of the kernel is that of the oracle") {
    struct Batch {
      std::int64_t rows, width;
    };
    const std::int64_t step = 12345678901;
    const Batch batches[] = {{1, 1}, {64, 100}, {31, 33}, {3, 257}, {2000, 2}, {1, 3}};
    for (const kernels::Type type : kTypes)
      for (const Batch& batch : batches)
        for (const bool normal : {true, false}) {
          const std::int64_t rows = batch.rows, width = batch.width;
          INFO(name_of(type), ", ", rows, " x ", width, normal ? ", normal" : ", uniform");
          Numbers y(type, rows * width);
          const std::int64_t advance = normal ? 3 : 0;
          std::int64_t counter = step;
          unsigned arrivals = 0;
          kernels::noise(nullptr, normal, 77, math::Purpose::latent, &counter, advance, rows, width, y.array(), &arrivals);
          CHECK(y.intact());
          CHECK(counter == step + advance);
          CHECK(arrivals == 0);
          CHECK(difference(rounded(type, oracle_noise(normal, rows, width, step)), y.floats()) == "");
        }
  }

  TEST_CASE("the noise of the next step is another") {
    std::int64_t step = 1;
    unsigned arrivals = 0;
    Numbers y(kernels::Type::f32, 33);
    kernels::noise(nullptr, true, 77, math::Purpose::latent, &step, 1, 1, 33, y.array(), &arrivals);
    const auto first = y.floats();
    kernels::noise(nullptr, true, 77, math::Purpose::latent, &step, 1, 1, 33, y.array(), &arrivals);
    CHECK(difference(first, y.floats()) != "");
  }

  TEST_CASE("pixels become the numbers of the oracle, mirrored and dequantised too") {
    const auto device = make_naive_device();
    const std::int64_t step = 12345678901;
    const Shape shapes[] = {{1, 1, 1, 1025}, {1, 1, 1, 2048}, {33, 4, 7, 3}, {5, 8, 6, 1}, {3, 16, 16, 3}, {700, 2, 2, 1}};
    for (const Shape& s : shapes) {
      std::vector<std::uint8_t> pixels(static_cast<std::size_t>(s.count()));
      for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37 + i / 256);
      for (const math::PixelRange& range : {math::exact_range(-1, 1), math::dequantised_range(-1, 1), math::dequantised_range(0, 1)})
        for (const math::Augmentation& how : {math::Augmentation{}, {true, false, 3}, {false, true, 3}, {true, true, 4}}) {
          INFO(to_string(s), ", step ", range.scale, how.mirror ? ", mirrored" : "", how.dequantise ? ", dequantised" : "");
          const std::int64_t* counter = how ? &step : nullptr;
          std::vector<float> y(pixels.size());
          device->ops().pixels_in(device->queue(), range, how, {const_cast<std::int64_t*>(counter), {}, DType::i64},
                                  {pixels.data(), s, DType::u8}, {y.data(), s});
          for (const kernels::Type type : kTypes) {
            Guarded<std::uint8_t> from(pixels);
            Numbers found(type, s.count());
            kernels::pixels_in(nullptr, range, how, counter, {s.n, s.h, s.w, s.c}, from.data(), found.array());
            CHECK((from.intact() && found.intact()));
            CHECK(difference(rounded(type, y), found.floats()) == "");
          }
        }
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
      device->ops().pixels_out(device->queue(), math::exact_range(-1, 1), {x.data(), {1, 1, 1, count}},
                               {expected.data(), {1, 1, 1, count}, DType::u8});
      Numbers from(type, x);
      Guarded<std::uint8_t> found(count);
      kernels::pixels_out(nullptr, count, math::exact_range(-1, 1), from.array(), found.data());
      CHECK((from.intact() && found.intact()));
      CHECK((found.values() == expected));
    }
  }

  TEST_CASE("every pixel survives the way to numbers and back") {
    Guarded<std::uint8_t> pixels(256), back(256);
    for (int i = 0; i < 256; ++i) pixels.data()[i] = static_cast<std::uint8_t>(i);
    for (const math::PixelRange& range : {math::exact_range(-1, 1), math::dequantised_range(-1, 1)}) {
      Numbers numbers(kernels::Type::f32, 256);
      kernels::pixels_in(nullptr, range, {}, nullptr, {1, 1, 1, 256}, pixels.data(), numbers.array());
      kernels::pixels_out(nullptr, 256, range, numbers.array(), back.data());
      CHECK((pixels.values() == back.values()));
    }
  }
}
