#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "image/axis.h"
#include "image/decode.h"
#include "image/field_plot.h"
#include "image/grid.h"
#include "image/plot.h"
#include "image/png.h"
#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

std::vector<std::uint8_t> ramp(std::size_t count) {
  std::vector<std::uint8_t> pixels(count);
  for (std::size_t i = 0; i < count; ++i) pixels[i] = static_cast<std::uint8_t>(i * 31 + i / 7);
  return pixels;
}

std::size_t count_of(const Picture& picture, Colour colour) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    count += picture.pixels[i] == colour.r && picture.pixels[i + 1] == colour.g && picture.pixels[i + 2] == colour.b;
  }
  return count;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a PNG reads back as it was written, for every number of channels") {
    const Scratch scratch;
    for (const int channels : {1, 2, 3, 4}) {
      const auto pixels = ramp(static_cast<std::size_t>(13 * 7 * channels));
      write_png(scratch / "a.png", pixels, 13, 7, channels);
      const Picture picture = read_image(scratch / "a.png");
      CHECK(picture.width == 13);
      CHECK(picture.height == 7);
      CHECK(picture.channels == channels);
      CHECK(picture.pixels == pixels);
    }
  }
  TEST_CASE("a PNG cut off at any byte is a data error") {
    const Scratch scratch;
    write_png(scratch / "a.png", ramp(300), 10, 10, 3);
    const std::string whole = text_of(scratch / "a.png");
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto path = scratch.file("cut", std::string_view(whole).substr(0, length));
      REQUIRE(outcome([&] { read_image(path); }).exit == Exit::data);
    }
    CHECK(outcome([&] { write_png(scratch / "missing/a.png", ramp(3), 1, 1, 3); }).exit == Exit::output);
  }
  TEST_CASE("a grid of 64 small images is 8 by 8, enlarged twice, with separators of one pixel") {
    const auto pixels = ramp(64 * 28 * 28);
    const Picture grid = tile({pixels, 64, 28, 28, 1});
    CHECK(grid.width == 8 * 56 + 7);
    CHECK(grid.height == 8 * 56 + 7);
    CHECK(grid.channels == 1);
    CHECK(grid.pixels[grid.index(0, 0)] == pixels[0]);
    CHECK(grid.pixels[grid.index(1, 1)] == pixels[0]);
    CHECK(grid.pixels[grid.index(2, 0)] == pixels[1]);
    CHECK(grid.pixels[grid.index(56, 3)] == 128);
    CHECK(grid.pixels[grid.index(57, 57)] == pixels[9 * 784]);
    CHECK(grid.pixels.back() == pixels.back());
  }
  TEST_CASE("grids of any number of images hold all of them") {
    for (int count = 1; count <= 40; ++count) {
      const Picture grid = tile({ramp(static_cast<std::size_t>(count) * 64 * 64 * 3), count, 64, 64, 3});
      const int columns = (grid.width + 1) / 65, rows = (grid.height + 1) / 65;
      CAPTURE(count);
      CHECK(columns * rows >= count);
      CHECK(columns * (rows - 1) < count);
      CHECK(columns >= rows - 1);
      CHECK(grid.channels == 3);
    }
  }
  TEST_CASE("transparent pixels appear white, opaque ones as they are") {
    const std::vector<std::uint8_t> grey{10, 255, 10, 0, 0, 128}, colour{1, 2, 3, 255, 1, 2, 3, 0};
    const Picture a = tile({grey, 1, 1, 3, 2}), b = tile({colour, 1, 1, 2, 4});
    CHECK(a.channels == 1);
    const int third = a.width / 3;
    CHECK(a.pixels[a.index(0, 0)] == 10);
    CHECK(a.pixels[a.index(third, 0)] == 255);
    CHECK(a.pixels[a.index(2 * third, 0)] == 127);
    CHECK(b.channels == 3);
    CHECK(b.pixels[b.index(0, 0) + 2] == 3);
    CHECK(b.pixels[b.index(b.width - 1, 0) + 2] == 255);
  }
  TEST_CASE("a grid of given columns, and of as many images as fit, holds all of them") {
    const Picture rows = tile({ramp(10 * 64 * 64), 10, 64, 64, 1}, 2);
    CHECK(rows.width == 2 * 65 - 1);
    CHECK(rows.height == 5 * 65 - 1);
    for (const auto& [height, width] : {std::pair{2000, 2000}, {4000, 1000}, {1000, 4000}}) {
      const auto count = static_cast<int>(grid_capacity(height, width));
      const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count) * static_cast<std::size_t>(height * width));
      const Picture grid = tile({pixels, count, height, width, 1});
      CHECK((grid.width + 1) / (width + 1) * ((grid.height + 1) / (height + 1)) >= count);
    }
  }
  TEST_CASE("a grid that would be too large to write shows the first images only") {
    const std::vector<std::uint8_t> pixels(100 * 2000 * 2000);
    const Picture grid = tile({pixels, 100, 2000, 2000, 1});
    CHECK(grid.width <= kMaxPictureSide);
    CHECK(grid.height <= kMaxPictureSide);
  }
  TEST_CASE("ticks are round, within the range and no more than asked for") {
    const auto labels = [](Range range, int most) {
      std::string text;
      for (const Tick& tick : ticks(range, most)) text += tick.label + " ";
      return text;
    };
    CHECK(labels({0, 1}, 5) == "0 0.2 0.4 0.6 0.8 1.0 ");
    CHECK(labels({-3, 3}, 7) == "-3 -2 -1 0 1 2 3 ");
    CHECK(labels({0, 0.0123}, 4) == "0 0.005 0.010 ");
    CHECK(labels({-2.5e6, 2.5e6}, 5) == "-2e+06 -1e+06 0 1e+06 2e+06 ");
    for (const double size : {1e-8, 1e-3, 1.0, 7.3, 1e5, 1e30}) {
      const auto found = ticks({-size, 2 * size}, 6);
      CHECK(found.size() >= 2);
      CHECK(found.size() <= 7);
    }
  }
  TEST_CASE("the range of values ignores what is not finite and is never empty") {
    const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
    CHECK(range_of({1, nan, 3, inf, -inf}).low == 1);
    CHECK(range_of({1, nan, 3, inf, -inf}).high == 3);
    CHECK(range_of({}).high == 1);
    CHECK(range_of({nan}).high == 1);
    CHECK(range_of({5, 5}).low < 5);
    CHECK(range_of({5, 5}).high > 5);
  }
  TEST_CASE("a line plot shows each series, and survives values that are not finite") {
    LinePlot plot{"title", "x", "left", "right", {}};
    const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
    plot.series.push_back({"a", palette::blue, {0, 1, 2, 3}, {0, 1, nan, 2}, Side::left, Stroke::area});
    plot.series.push_back({"b", palette::green, {0, 1, 2, 3}, {-5, inf, -4, 1e300}, Side::right, Stroke::dashed});
    plot.series.push_back({"c", palette::vermilion, {}, {}});
    const Picture picture = draw(plot);
    CHECK(picture.width == 960);
    CHECK(picture.height == 600);
    CHECK(count_of(picture, palette::blue) > 300);
    CHECK(count_of(picture, palette::black) > 300);
    CHECK(draw(LinePlot{"", "", "", "", {}}).width == 960);
  }
  TEST_CASE("density panels share their colours, the critic's centre is white") {
    FieldPlot plot{-1, 1, -1, 1, {}};
    plot.fields.push_back({"data", 2, 2, {0, 1, 2, 4}});
    plot.fields.push_back({"generated", 2, 2, {0, 0, 0, 2}});
    plot.fields.push_back({"critic", 2, 1, {-3, std::nan("")}, Scale::signed_values, -3});
    const Picture picture = draw(plot);
    const auto at = [&](int panel, int x, int y) {
      const std::size_t i = picture.index(70 + panel * 390 + x, 46 + y);
      return std::vector<int>{picture.pixels[i], picture.pixels[i + 1], picture.pixels[i + 2]};
    };
    CHECK(at(0, 270, 90) == std::vector<int>{253, 231, 37});  // the greatest value, top right
    CHECK(at(0, 90, 90) == at(1, 270, 90));                   // 2 in both
    CHECK(at(0, 90, 270) == std::vector<int>{68, 1, 84});     // 0, bottom left
    CHECK(at(2, 90, 90) == std::vector<int>{247, 247, 247});
    CHECK(at(2, 270, 90) == std::vector<int>{170, 170, 170});
  }
}
