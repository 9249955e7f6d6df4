#include <doctest/doctest.h>

#include "image/decode.h"
#include "jpeg_bytes.h"
#include "made_pictures.h"

using namespace fgan;
using namespace fgan::test;

namespace {

// Decodes, and sees that the header says the same.
Picture decoded(const Scratch& scratch, std::string_view bytes) {
  const auto path = scratch.file("image", bytes);
  Picture picture = read_image(path);
  const ImageHeader header = read_image_header(path);
  CHECK(header.width == picture.width);
  CHECK(header.height == picture.height);
  CHECK(header.channels == picture.channels);
  CHECK(picture.pixels.size() == picture.index(0, picture.height));
  return picture;
}

void check_refused(const Scratch& scratch, std::string_view bytes, std::string_view reason) {
  const auto path = scratch.file("image", bytes);
  const Outcome end = outcome([&] { read_image(path); });
  CAPTURE(end.message);
  CHECK(end.exit == Exit::data);
  CHECK(contains(end.message, reason));
  CHECK(contains(end.message, path.string()));
}

void check_refused_by_header(const Scratch& scratch, std::string_view bytes, std::string_view reason) {
  check_refused(scratch, bytes, reason);
  CHECK(contains(outcome([&] { read_image_header(scratch / "image"); }).message, reason));
}

std::string app1(std::string_view tiff) { return std::string("Exif\0\0", 6) + std::string(tiff); }

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("JPEG of every sampling decodes to about what was encoded") {
    const Scratch scratch;
    for (const int channels : {1, 3}) {
      const Picture picture = smooth_picture(53, 38, channels);
      for (const auto& [x, y] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {1, 4}}) {
        JpegKind kind;
        kind.x_sampling = x;
        kind.y_sampling = y;
        // Quality 95 keeps a smooth picture within a few levels; colour that 4 pixels share may be off by its slope over them.
        CHECK(distance(decoded(scratch, jpeg_bytes(picture, kind)), picture) <= (x * y <= 2 ? 8 : 20));
      }
    }
  }
  TEST_CASE("JPEG coded progressively, arithmetically or with restarts decodes to the same pixels") {
    const Scratch scratch;
    const Picture picture = noise_picture(70, 40, 3), plain = decoded(scratch, jpeg_bytes(picture));
    for (int i = 1; i < 8; ++i) {
      JpegKind kind;
      kind.progressive = (i & 1) != 0;
      kind.arithmetic = (i & 2) != 0;
      kind.restart_rows = (i & 4) != 0 ? 1 : 0;
      CHECK(distance(decoded(scratch, jpeg_bytes(picture, kind)), plain) == 0);
    }
  }
  TEST_CASE("pictures come out the way up that EXIF says, in JPEG and PNG") {
    const Scratch scratch;
    const Picture picture = smooth_picture(24, 16, 3);
    const std::string png = png_bytes(picture);
    const Picture stored = decoded(scratch, jpeg_bytes(picture));
    for (std::uint32_t i = 1; i <= 8; ++i) {
      const std::string exif = exif_of(i, i % 2 == 0 ? 'I' : 'M'), marker = app1(exif);
      JpegKind kind;
      kind.markers = {{1, "http: not EXIF"}, {1, marker}};
      CHECK(distance(decoded(scratch, jpeg_bytes(picture, kind)), upright(stored, static_cast<Orientation>(i))) == 0);
      const std::string turned = png.substr(0, 33) + png_chunk("eXIf", exif) + png.substr(33);
      CHECK(distance(decoded(scratch, turned), upright(picture, static_cast<Orientation>(i))) == 0);
    }
  }
  TEST_CASE("a header is read from the beginning of a file, however long it is") {
    const Scratch scratch;
    const Picture picture = noise_picture(70, 40, 3);
    const std::string exif = app1(exif_of(6)) + std::string(60'000, 'x'), profile(65'000, 'y');
    JpegKind kind;
    kind.markers = {{1, exif}, {2, profile}, {2, profile}};
    const std::string jpeg = jpeg_bytes(picture, kind), png = png_bytes(picture);
    const std::string long_png = png.substr(0, 33) + png_chunk("eXIf", exif_of(6)) + png_chunk("iTXt", profile) + png.substr(33);
    // enough: past the markers and tables, before the end of the pixels
    for (const auto& [bytes, enough] : {std::pair{jpeg, 190'900ul}, {long_png, 65'200ul}}) {
      for (const std::string_view part : {std::string_view(bytes), std::string_view(bytes).substr(0, enough)}) {
        const ImageHeader header = read_image_header(scratch.file("long", part));
        CHECK(header.width == 40);
        CHECK(header.height == 70);
        CHECK(header.channels == 3);
      }
      check_refused(scratch, std::string_view(bytes).substr(0, enough), "decode");
    }
  }
  TEST_CASE("palettes and transparent colours decode to the colours they name, with and without alpha") {
    const Scratch scratch;
    const std::string palette = png_chunk("PLTE", std::string("\x01\x02\x03\xff\x80\x40", 6));
    const std::string two_bits = png_chunk("IDAT", deflated(std::string("\0\x1b", 2)));  // pixels 0, 1, 2, 3
    CHECK(decoded(scratch, png_of(4, 1, 2, 3, palette + two_bits)).pixels ==
          std::vector<std::uint8_t>{1, 2, 3, 255, 128, 64, 0, 0, 0, 0, 0, 0});  // beyond the palette: black
    CHECK(decoded(scratch, png_of(2, 1, 2, 3, palette + png_chunk("tRNS", "\x07") + two_bits)).pixels ==
          std::vector<std::uint8_t>{1, 2, 3, 7, 255, 128, 64, 255});
    CHECK(decoded(scratch, png_of(4, 1, 2, 0, png_chunk("tRNS", std::string("\0\x02", 2)) + two_bits)).pixels ==
          std::vector<std::uint8_t>{0, 255, 85, 255, 170, 0, 255, 255});
    const std::string deep = png_chunk("IDAT", deflated(std::string("\0\x12\xff\x80\0", 5)));
    CHECK(decoded(scratch, png_of(2, 1, 16, 0, deep)).pixels == std::vector<std::uint8_t>{0x12, 0x80});
  }
  TEST_CASE("files that are no images, or of other kinds, are refused by name") {
    const Scratch scratch;
    for (const std::string_view bytes : {"", "a", "\xff\xd8", "\x89PNG\r\n\x1a", "GIF89a and more", "BM and more", "[data]\npath = x\n"}) {
      check_refused_by_header(scratch, bytes, "is neither a PNG nor a JPEG image");
    }
    CHECK(outcome([&] { read_image(scratch / "missing"); }).exit == Exit::data);
    CHECK(outcome([&] { read_image_header(scratch / "missing"); }).exit == Exit::data);
    CHECK(outcome([&] { read_image_header(scratch.folder()); }).exit == Exit::data);
    check_refused_by_header(scratch, png_of(1, 1, 8, 5, ""), "its kind of PNG is not known (depth 8, colour 5");
    check_refused_by_header(scratch, png_of(1, 1, 16, 3, ""), "depth 16, colour 3");
    check_refused(scratch, png_of(1, 1, 8, 0, ""), "no pixels");
    check_refused(scratch, png_of(1, 1, 8, 0, png_chunk("IDAT", "")), "no pixels");
    check_refused(scratch, png_of(1, 1, 8, 3, png_chunk("IDAT", "")), "do not fit together");
    check_refused(scratch, png_of(1, 1, 8, 0, png_chunk("ABCD", "")), "do not fit together");
  }
  TEST_CASE("a picture too large, or larger than its file can hold, is refused before it is decoded") {
    const Scratch scratch;
    check_refused_by_header(scratch, png_of(0, 4, 8, 0, ""), "0 by 4");
    check_refused_by_header(scratch, png_of(16385, 1, 8, 0, ""), "16385 by 1");
    check_refused_by_header(scratch, png_of(0xffffffff, 0xffffffff, 8, 6, ""), "4294967295 by 4294967295");
    check_refused_by_header(scratch, png_of(16384, 8192, 8, 0, ""), "16384 by 8192");
    check_refused_by_header(scratch, png_of(16384, 4096, 8, 0, png_chunk("IDAT", "x")), "cannot hold 16384 by 4096");
    std::string jpeg = jpeg_bytes(smooth_picture(8, 8, 1));
    const std::size_t frame = jpeg.find(std::string("\xff\xc0\x00\x0b\x08", 5)) + 5;  // height and width, two bytes each
    jpeg.replace(frame, 4, std::string("\x10\x00\x10\x00", 4));
    check_refused_by_header(scratch, jpeg, "cannot hold 4096 by 4096");
    jpeg.replace(frame, 4, std::string("\x40\x01\x00\x08", 4));
    check_refused_by_header(scratch, jpeg, "8 by 16385");
    check_refused_by_header(scratch, png_of(1, 1, 8, 0, big_endian(0x80000001) + "IDATx"), "no sensible length");
    // and a small picture whose pixels inflate to 64 MB
    check_refused(scratch, png_of(1, 1, 8, 0, png_chunk("IDAT", deflated(std::string(64 << 20, '\0')))), "more data than");
  }
  TEST_CASE("a progressive JPEG of more scans than any encoder writes is refused") {
    const Scratch scratch;
    JpegKind kind;
    kind.scans.push_back({1, {0}, 0, 0, 0, 0});
    for (int k = 1; k < 64; ++k) {
      for (int bit = 10; bit >= 0; --bit) kind.scans.push_back({1, {0}, k, k, bit == 10 ? 0 : bit + 1, bit});
    }
    const Picture picture = smooth_picture(16, 16, 1);
    check_refused(scratch, jpeg_bytes(picture, kind), "more than 500 scans");
    kind.scans.resize(500);
    CHECK(decoded(scratch, jpeg_bytes(picture, kind)).width == 16);
  }
}

TEST_SUITE("slow") {
  TEST_CASE("a JPEG of two kilobytes whose many empty scans would take a minute is given up") {
    const Scratch scratch;
    JpegKind kind;
    kind.arithmetic = kind.progressive = true;
    kind.scans.assign(1, {1, {0}, 0, 0, 0, 0});
    for (int k = 1; k < 40; ++k) kind.scans.push_back({1, {0}, k, k, 0, 0});
    const std::string jpeg = jpeg_bytes({8192, 8192, 1, std::vector<std::uint8_t>(8192 * 8192, 100)}, kind);
    CHECK(jpeg.size() < 2000);
    check_refused(scratch, jpeg, "more than 32 scans");
  }
}
