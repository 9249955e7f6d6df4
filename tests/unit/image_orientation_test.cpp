#include <doctest/doctest.h>

#include <vector>

#include "image/exif.h"
#include "made_pictures.h"

using namespace fgan;
using namespace fgan::test;

namespace {

Orientation orientation(int value) { return static_cast<Orientation>(value); }

Orientation read(std::string_view tiff) { return exif_orientation(std::as_bytes(std::span(tiff))); }

std::vector<int> values(const Picture& picture) { return {picture.pixels.begin(), picture.pixels.end()}; }

// Which orientation does to `picture` what the two do one after the other; 0: none.
int composed(const Picture& picture, int first, int second) {
  const Picture both = upright(upright(picture, orientation(first)), orientation(second));
  for (int one = 1; one <= 8; ++one) {
    if (distance(upright(picture, orientation(one)), both) == 0) return one;
  }
  return 0;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("the eight orientations bring pixels where EXIF says") {
    const Picture stored{3, 2, 1, {1, 2, 3, 4, 5, 6}};
    const std::vector<std::vector<int>> expected{{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3},
                                                 {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
    for (int i = 1; i <= 8; ++i) {
      CAPTURE(i);
      const Picture out = upright(stored, orientation(i));
      CHECK(out.width == (i >= 5 ? 2 : 3));
      CHECK(out.height == (i >= 5 ? 3 : 2));
      CHECK(values(out) == expected[static_cast<std::size_t>(i - 1)]);
    }
  }
  TEST_CASE("orientations form the group of the square") {
    for (const int channels : {1, 2, 3, 4}) {
      const Picture picture = noise_picture(5, 3, channels);
      for (int a = 1; a <= 8; ++a) {
        std::vector<int> row;
        for (int b = 1; b <= 8; ++b) row.push_back(composed(picture, a, b));
        std::sort(row.begin(), row.end());
        CHECK(row == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8});
        CHECK(composed(picture, a, a == 6 ? 8 : a == 8 ? 6 : a) == 1);
      }
      CHECK(composed(picture, 6, 6) == 3);
      CHECK(composed(picture, 2, 4) == 3);
      CHECK(composed(picture, 5, 2) == 6);
      CHECK(composed(picture, 2, 5) == 8);
    }
  }
  TEST_CASE("EXIF's orientation is read in both byte orders, as short and long") {
    for (const char order : {'I', 'M'}) {
      for (std::uint32_t i = 1; i <= 8; ++i) {
        CHECK(static_cast<std::uint32_t>(read(exif_of(i, order))) == i);
        CHECK(static_cast<std::uint32_t>(read(exif_of(i, order, 4))) == i);
      }
    }
  }
  TEST_CASE("EXIF that makes no sense leaves the picture as it is stored") {
    const std::string good = exif_of(6);
    REQUIRE(read(good) == Orientation::quarter_right);
    for (const std::uint32_t value : {0u, 9u, 255u, 65535u}) CHECK(read(exif_of(value)) == Orientation::as_stored);
    CHECK(read(exif_of(6 + 65536, 'M', 4)) == Orientation::as_stored);
    CHECK(read(exif_of(6, 'I', 2)) == Orientation::as_stored);
    CHECK(read(exif_of(6, 'I', 3, 2)) == Orientation::as_stored);
    CHECK(read(exif_of(6, 'I', 3, 1, 0x0113)) == Orientation::as_stored);
    for (const std::string_view start : {"IM*", "MI*", "XX*", "II+", "MM*"}) {
      CHECK(read(std::string(start) + good.substr(start.size())) == Orientation::as_stored);
    }
  }
  TEST_CASE("EXIF cut off or damaged at any byte gives one of the eight orientations") {
    for (const char order : {'I', 'M'}) {
      const std::string good = exif_of(8, order);
      for (std::size_t length = 0; length <= good.size(); ++length) {
        const std::string cut(std::string_view(good).substr(0, length));  // of its own size, for the sanitizer to see its end
        const Orientation found = read(cut);
        CHECK((found == Orientation::as_stored || found == Orientation::quarter_left));
      }
      for (std::size_t i = 0; i < good.size(); ++i) {
        for (int value = 0; value < 256; ++value) {
          std::string damaged = good;
          damaged[i] = static_cast<char>(value);
          const int found = static_cast<int>(read(damaged));
          REQUIRE(found >= 1);
          REQUIRE(found <= 8);
        }
      }
    }
  }
}
