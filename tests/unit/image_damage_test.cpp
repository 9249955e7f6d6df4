// Files cut off or damaged at every place that matters: a decoder may refuse them or give a picture, and nothing else.  Run under the
// sanitizers too (preset asan).
#include <doctest/doctest.h>

#include <thread>

#include "image/decode.h"
#include "jpeg_bytes.h"
#include "made_pictures.h"

using namespace fgan;
using namespace fgan::test;

namespace {

std::vector<std::string> jpeg_files() {
  const Picture picture = smooth_picture(21, 17, 3);
  const std::string exif = std::string("Exif\0\0", 6) + exif_of(6);
  JpegKind plain, progressive, arithmetic;
  plain.markers = {{1, exif}};
  plain.x_sampling = plain.y_sampling = progressive.x_sampling = 2;
  plain.restart_rows = 1;
  progressive.progressive = arithmetic.arithmetic = true;
  return {jpeg_bytes(picture, plain), jpeg_bytes(picture, progressive), jpeg_bytes(picture, arithmetic),
          jpeg_bytes(smooth_picture(8, 8, 1))};
}

std::vector<std::string> png_files() {
  const std::string palette = png_chunk("PLTE", std::string(12, 'p')) + png_chunk("tRNS", "abc");
  const std::string rows = deflated(std::string("\0\x1b\x02\x81\x04\x42\x03\xc3", 8));
  return {png_bytes(smooth_picture(13, 11, 3)), png_bytes(noise_picture(5, 7, 4)), png_of(4, 4, 2, 3, palette + png_chunk("IDAT", rows)),
          png_of(2, 4, 4, 0, png_chunk("eXIf", exif_of(6)) + png_chunk("IDAT", rows))};
}

// Whether a picture came out; fails the test if anything but a picture or a data error did.
bool decodes(const std::filesystem::path& path) {
  Picture picture;
  const Outcome end = outcome([&] { picture = read_image(path); });
  const Outcome header = outcome([&] { read_image_header(path); });
  REQUIRE((header.exit == Exit::done || header.exit == Exit::data));
  if (end.exit == Exit::done) {
    REQUIRE(picture.pixels.size() == picture.index(0, picture.height));
    REQUIRE(header.exit == Exit::done);
  } else {
    REQUIRE(end.exit == Exit::data);
    REQUIRE(contains(end.message, path.string()));
  }
  return end.exit == Exit::done;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("an image cut off at any byte is refused, and its header is as before or refused") {
    const Scratch scratch;
    for (const auto& files : {jpeg_files(), png_files()}) {
      for (const std::string& whole : files) {
        REQUIRE(decodes(scratch.file("whole", whole)));
        for (std::size_t length = 0; length < whole.size(); ++length) {
          CAPTURE(length);
          REQUIRE_FALSE(decodes(scratch.file("cut", std::string_view(whole).substr(0, length))));
        }
      }
    }
  }
  TEST_CASE("an image with a damaged byte is decoded or refused, a PNG always refused") {
    const Scratch scratch;
    int refused = 0;
    for (const std::string& whole : jpeg_files()) {
      for (std::size_t i = 0; i < std::min<std::size_t>(whole.size(), 400); ++i) {
        for (const int flip : {0x01, 0x80, 0xff}) {
          std::string damaged = whole;
          damaged[i] = static_cast<char>(damaged[i] ^ flip);
          refused += !decodes(scratch.file("damaged", damaged));
        }
      }
    }
    CHECK(refused > 500);
    for (const std::string& whole : png_files()) {
      for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        REQUIRE_FALSE(decodes(scratch.file("damaged", damaged)));
      }
    }
  }
  TEST_CASE("a PNG of damaged parts with good checksums is decoded or refused") {
    const Scratch scratch;
    const std::string rows = deflated(std::string("\0\x1b\x02\x81\x04\x42\x03\xc3", 8)),
                      noise = deflated(text_of(scratch.file("n", png_files()[1])));
    const auto flipped = [](std::string text, std::size_t i, int flip) {
      text[i] = static_cast<char>(text[i] ^ flip);
      return text;
    };
    int refused = 0, good = 0;
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
      for (std::size_t i = 0; i < std::max(rows.size(), noise.size()); ++i) {
        if (i < rows.size()) {
          const std::string middle = png_chunk("PLTE", std::string(12, 'p')) + png_chunk("IDAT", flipped(rows, i, flip));
          (decodes(scratch.file("damaged", png_of(4, 4, 2, 3, middle))) ? good : refused)++;
        }
        if (i < noise.size()) {
          (decodes(scratch.file("damaged", png_of(2, 3, 16, 6, png_chunk("IDAT", flipped(noise, i, flip))))) ? good : refused)++;
        }
      }
    }
    CHECK(good > 50);
    CHECK(refused > 500);
  }
}

TEST_SUITE("fast threads") {
  TEST_CASE("images good and bad are decoded by many threads at once as by one") {
    const Scratch scratch;
    std::vector<std::filesystem::path> paths;
    std::vector<Picture> expected;
    for (const auto& files : {jpeg_files(), png_files()}) {
      for (const std::string& whole : files) {
        paths.push_back(scratch.file(format("{}", paths.size()), whole));
        expected.push_back(read_image(paths.back()));
        paths.push_back(scratch.file(format("{}", paths.size()), whole.substr(0, whole.size() - 20)));
        expected.emplace_back();
      }
    }
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < wrong.size(); ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t i = 0; i < 20 * paths.size(); ++i) {
          const std::size_t which = (i + 5 * thread) % paths.size();
          Picture picture;
          const bool good = outcome([&] { picture = read_image(paths[which]); }).exit == Exit::done;
          wrong[thread] += good == expected[which].pixels.empty() || distance(picture, expected[which]) != 0;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>{0, 0, 0, 0});
  }
}
