#include <doctest/doctest.h>

#include <numeric>
#include <stdexcept>

#include "image/fit.h"
#include "made_pictures.h"

using namespace fgan;
using namespace fgan::test;

namespace {

constexpr Fit kFits[] = {Fit::crop, Fit::pad, Fit::stretch};

double mean(const Picture& picture) {
  return std::accumulate(picture.pixels.begin(), picture.pixels.end(), 0.0) / static_cast<double>(picture.pixels.size());
}

Picture constant(int width, int height, int channels, std::uint8_t value) {
  Picture picture{width, height, channels, {}};
  picture.pixels.assign(picture.index(0, height), value);
  return picture;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a picture that has the size and the channels keeps its bytes") {
    for (const int channels : {1, 3}) {
      const Picture picture = noise_picture(19, 32, channels);
      for (const Fit way : kFits) CHECK(distance(fit(picture, {19, 32, channels, way}), picture) == 0);
    }
  }
  TEST_CASE("what is cut off or added is the same at both sides, and no pixel is resampled for it") {
    for (const int channels : {1, 3}) {
      const Picture picture = noise_picture(31, 20, channels);
      const Picture cut = fit(picture, {20, 20, channels, Fit::crop}), framed = fit(picture, {31, 25, channels, Fit::pad, 9});
      for (int y = 0; y < 20; ++y) {
        for (int x = 0; x < 31; ++x) {
          const std::uint8_t value = picture.pixels[picture.index(x, y)];
          if (x >= 5 && x < 25) CHECK(cut.pixels[cut.index(x - 5, y)] == value);  // of 11 columns 5 go at the left
          CHECK(framed.pixels[framed.index(x, y + 2)] == value);                  // of 5 rows 2 come above
        }
      }
      CHECK(framed.pixels[framed.index(30, 1)] == 9);
      CHECK(framed.pixels[framed.index(0, 22)] == 9);
      CHECK(framed.pixels.back() == 9);
    }
  }
  TEST_CASE("a picture of one colour stays of that colour at any size") {
    constexpr int kSizes[][2] = {{1, 1}, {1, 300}, {300, 1}, {2, 3}, {3, 2}, {5, 64}, {65, 33}, {16384, 1}, {1, 16384}, {16384, 2}};
    constexpr int kTargets[][2] = {{1, 1}, {1, 2}, {3, 1}, {32, 32}, {7, 64}, {64, 5}};
    for (const auto& size : kSizes) {
      for (const auto& target : kTargets) {
        for (const Fit way : kFits) {
          CAPTURE(size[0]);
          CAPTURE(size[1]);
          const std::uint8_t value = 201;
          CHECK(distance(fit(constant(size[0], size[1], 1, value), {target[0], target[1], 3, way, value}),
                         constant(target[0], target[1], 3, value)) == 0);
        }
      }
    }
  }
  TEST_CASE("mirrored and transposed pictures fit to mirrored and transposed ones") {
    // Within a level: the sums are the same up to the order of their terms, and may lie at either side of a half.
    constexpr int kSizes[][2] = {{64, 48}, {30, 100}, {11, 9}};  // of which no odd number of pixels is cut off or added
    for (const auto& size : kSizes) {
      const Picture picture = noise_picture(size[0], size[1], 3);
      for (const Fit way : {Fit::stretch, Fit::pad}) {
        const FitTarget target{way == Fit::pad ? size[0] * 2 : 24, way == Fit::pad ? size[1] * 4 : 20, 3, way, 0};
        const Picture fitted = fit(picture, target);
        for (const auto turn : {Orientation::mirror, Orientation::flip, Orientation::half_turn}) {
          CHECK(distance(fit(upright(picture, turn), target), upright(fitted, turn)) <= 1);
        }
        const FitTarget turned{target.height, target.width, 3, way, 0};
        CHECK(distance(fit(upright(picture, Orientation::transpose), turned), upright(fitted, Orientation::transpose)) <= 1);
      }
    }
  }
  TEST_CASE("a smaller picture is as bright as the large one") {
    // Contrast of a half, so that no overshoot of the filter is cut off at black or white.
    for (const int size : {41, 64, 100, 257}) {
      Picture picture = noise_picture(size, size, 1);
      for (std::uint8_t& value : picture.pixels) value = static_cast<std::uint8_t>(64 + value / 2);
      for (const int target : {32, 24, 17, 8}) CHECK(std::abs(mean(fit(picture, {target, target, 1})) - mean(picture)) < 1);
    }
  }
  TEST_CASE("what is too fine for the small picture is averaged, not sampled") {
    Picture stripes{256, 256, 1, {}};
    for (int i = 0; i < 256 * 256; ++i) stripes.pixels.push_back(i % 2 == 0 ? 0 : 255);
    const Picture small = fit(stripes, {32, 32, 1});
    for (int x = 2; x < 30; ++x)
      CHECK(std::abs(small.pixels[small.index(x, 16)] - 128) <= 1);  // nearer the edges the outermost stripe goes on
  }
  TEST_CASE("crop fills the target from the middle, pad keeps the aspect, stretch does not") {
    Picture picture = constant(200, 100, 1, 0);  // a white square in the middle of black
    for (int y = 25; y < 75; ++y) {
      for (int x = 75; x < 125; ++x) picture.pixels[picture.index(x, y)] = 255;
    }
    const auto width_of_square = [&](Fit way) {
      const Picture out = fit(picture, {40, 40, 1, way, 0});
      int width = 0;
      for (int x = 0; x < 40; ++x) width += out.pixels[out.index(x, 20)] > 127;
      return width;
    };
    CHECK(width_of_square(Fit::crop) == 20);
    CHECK(width_of_square(Fit::pad) == 10);
    CHECK(width_of_square(Fit::stretch) == 10);
  }
  TEST_CASE("transparent pixels are laid on the background before anything else") {
    const Picture grey{3, 1, 2, {100, 255, 100, 0, 100, 128}}, colour{2, 1, 4, {255, 0, 0, 255, 1, 2, 3, 0}};
    CHECK(fit(grey, {3, 1, 1, Fit::crop, 30}).pixels == std::vector<std::uint8_t>{100, 30, 65});
    CHECK(fit(grey, {3, 1, 3, Fit::crop, 255}).pixels == std::vector<std::uint8_t>{100, 100, 100, 255, 255, 255, 177, 177, 177});
    CHECK(fit(colour, {2, 1, 3, Fit::crop, 7}).pixels == std::vector<std::uint8_t>{255, 0, 0, 7, 7, 7});
    CHECK(fit(colour, {2, 1, 1, Fit::crop, 7}).pixels == std::vector<std::uint8_t>{76, 7});
    const Picture half = noise_picture(40, 30, 4);
    CHECK(distance(fit(half, {20, 20, 3}), fit(fit(half, {40, 30, 3}), {20, 20, 3})) == 0);
  }
  TEST_CASE("grey is luma, and grey pictures are the same in grey as in colour") {
    const auto grey = [](std::uint8_t r, std::uint8_t g, std::uint8_t b) { return int{fit({1, 1, 3, {r, g, b}}, {1, 1, 1}).pixels[0]}; };
    CHECK(grey(255, 0, 0) == 76);
    CHECK(grey(0, 255, 0) == 150);
    CHECK(grey(0, 0, 255) == 29);
    for (int value = 0; value < 256; ++value) {
      const auto v = static_cast<std::uint8_t>(value);
      CHECK(grey(v, v, v) == value);
    }
  }
  TEST_CASE("targets and pictures that cannot be are broken contracts") {
    const Picture picture = constant(4, 4, 3, 1);
    CHECK_THROWS_AS(fit(picture, {0, 4, 3}), std::logic_error);
    CHECK_THROWS_AS(fit(picture, {4, 4, 2}), std::logic_error);
    CHECK_THROWS_AS(fit({4, 4, 3, {1, 2, 3}}, {4, 4, 3}), std::logic_error);
    CHECK_THROWS_AS(fit(Picture{}, {4, 4, 3}), std::logic_error);
  }
}
