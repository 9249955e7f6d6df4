#include <doctest/doctest.h>

#include "data/dataset.h"
#include "data/glyphs.h"
#include "scratch.h"
#include "type1_font.h"

using namespace fgan;
using namespace fgan::test;
namespace fs = std::filesystem;

namespace {

constexpr int kStyles = 4;

// All characters are told apart by their width; every other one stands on the baseline, those between hang below the top.  Styles
// differ in the height of the blocks by an eighth of the letters' height.
std::vector<Box> block(char character, int style = 0) {
  const int place = static_cast<int>(kGlyphClasses.find(character)), height = 350 - 87 * style, bottom = place % 2 == 0 ? 0 : 700 - height;
  return {{100, bottom, 190 + 10 * place, bottom + height}};
}

std::string block_font(const std::string& family, int style = 0) {
  return type1_font(family, "S" + std::to_string(style), kGlyphClasses, [&](char c) { return block(c, style); });
}

std::string font(const Drawing& draw, std::string_view characters = kGlyphClasses) { return type1_font("Other", "Face", characters, draw); }

GlyphSummary make(const Scratch& scratch, GlyphOptions options) {
  if (options.fonts.empty()) options.fonts = scratch.folder();
  options.output = scratch / "out";
  return make_glyphs(options);
}

FaceCounts left_out(const std::string& content) {
  const Scratch scratch;
  scratch.file("good.pfa", block_font("Good"));
  scratch.file("other.pfa", content);
  const GlyphSummary summary = make(scratch, {});
  CHECK(summary.faces == 1);
  CHECK(text_of(scratch / "out/fonts.txt") == "Good\tS0\tgood.pfa\n");
  return summary.left_out;
}

std::string pixels(const Scratch& scratch) { return text_of(scratch / "out/glyphs-images-idx3-ubyte").substr(16); }

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a folder of fonts becomes images, labels and names that belong together") {
    const Scratch scratch;
    scratch.file("b.pfb", block_font("Beta"));
    scratch.file("A.PFA", block_font("Alpha", 1));
    scratch.file("read.me", "no font by its name");
    const GlyphSummary summary = make(scratch, {});
    CHECK(summary.faces == 2);
    CHECK(summary.images == 124);
    CHECK(summary.left_out.empty());
    const fs::path out = scratch / "out";
    CHECK(text_of(out / "fonts.txt") == "Alpha\tS1\tA.PFA\nBeta\tS0\tb.pfb\n");
    std::string classes, labels = big_endian(0x801) + big_endian(124);
    for (int face = 0; face < 2; ++face) {
      for (char label = 0; label < 62; ++label) labels += label;
    }
    for (const char character : kGlyphClasses) classes += {character, '\n'};
    CHECK(text_of(out / "classes.txt") == classes);
    CHECK(text_of(out / "glyphs-labels-idx1-ubyte") == labels);
    CHECK(text_of(out / "glyphs-images-idx3-ubyte").substr(0, 16) == big_endian(0x803) + big_endian(124) + big_endian(32) + big_endian(32));
    std::uintmax_t bytes = 0;
    for (const auto& file : fs::directory_iterator(out)) bytes += file.file_size();
    CHECK(static_cast<std::uintmax_t>(summary.bytes) == bytes);
    const auto data = open_dataset(DataOptions{.path = out, .weights = {}, .means = {}, .deviations = {}}, 1);
    CHECK(data->size() == 124);
    CHECK(data->sample_shape() == Shape{1, 32, 32, 1});
  }
  TEST_CASE("characters are light on black, centred, on one baseline, and the largest reach the margins") {
    for (const int size : {8, 32, 100, 256}) {
      const Scratch scratch;
      scratch.file("font.pfa", font([](char c) {  // 'Q' is as wide as all is high; 'g' hangs down
                     return c == 'Q' ? std::vector<Box>{{0, 0, 1000, 800}} : c == 'g' ? std::vector<Box>{{50, -200, 250, 500}} : block(c);
                   }));
      make(scratch, {.output = {}, .fonts = {}, .size = size});
      const std::string all = pixels(scratch);
      const double unit = size * 0.875 / 1000, baseline = std::round(size * 0.9375 - 200 * unit);  // rows below the top
      const auto expect = [&](char character, Box box) {  // a pixel's share of the box, to the rounding of outlines to 1/64
        const auto share = [](double low, double high, int at) {
          return std::max(0.0, std::min(high, at + 1.0) - std::max<double>(low, at));
        };
        const double half = (box.right - box.left) * unit / 2;
        const std::size_t start = kGlyphClasses.find(character) * static_cast<std::size_t>(size * size);
        double worst = 0;
        for (int y = 0; y < size; ++y) {
          for (int x = 0; x < size; ++x) {
            const double area =
                share(size / 2.0 - half, size / 2.0 + half, x) * share(baseline - box.top * unit, baseline - box.bottom * unit, y);
            const auto pixel = static_cast<unsigned char>(all[start + static_cast<std::size_t>(y * size + x)]);
            worst = std::max(worst, std::abs(area - pixel / 255.0));
          }
        }
        CHECK_MESSAGE(worst < 3.0 / 64, character << " at " << size);
      };
      expect('Q', {0, 0, 1000, 800});
      expect('g', {50, -200, 250, 500});
      expect('A', block('A').front());
      expect('9', block('9').front());
    }
  }
  TEST_CASE("a face that would spoil the data is left out, and the reason counted") {
    const auto plain = [](char c) { return block(c); };
    CHECK(left_out("no font") == FaceCounts{{"damaged or no font", 1}});
    CHECK(left_out("") == FaceCounts{{"damaged or no font", 1}});
    CHECK(left_out(block_font("Cut").substr(0, 900)) == FaceCounts{{"damaged or no font", 1}});
    CHECK(left_out(font(plain, kGlyphClasses.substr(0, 61))) == FaceCounts{{"without all characters", 1}});
    CHECK(left_out(font([](char c) { return c == 'z' ? std::vector<Box>{} : block(c); })) == FaceCounts{{"without all characters", 1}});
    CHECK(left_out(font([](char c) { return block(c == 'B' ? 'A' : c); })) == FaceCounts{{"with one picture for several characters", 1}});
    CHECK(left_out(font([](char c) { return block(static_cast<char>(c >= 'a' ? c - 32 : c)); })) ==
          FaceCounts{{"with one picture for several characters", 1}});
    CHECK(left_out(font([](char c) {
            return std::vector<Box>{{0, -100, 1000, 0}, {0, 800, 1000, 900}, block(c).front()};
          })) == FaceCounts{{"with a frame around every letter", 1}});
    CHECK(left_out(font([](char c) {
            return std::vector<Box>{{300, 0, 300 + 10 + c % 2, 700 - c}};
          })) == FaceCounts{{"too thin for the size", 1}});
    CHECK(left_out(block_font("Named anew")) == FaceCounts{{"the same as another", 1}});
  }
  TEST_CASE("a font damaged at any place is used or left out, and nothing worse") {
    const std::string whole = block_font("Bad");
    const Scratch scratch;
    scratch.file("good.pfa", block_font("Good", 2));
    for (std::size_t place = 3; place < whole.size(); place += 41) {
      std::string content = whole;
      content[place] = static_cast<char>(content[place] ^ 0x55);
      scratch.file("bad.pfa", place % 2 == 0 ? content : whole.substr(0, place));
      FaceCounts reasons;
      const std::size_t used = choose_faces({.output = {}, .fonts = scratch.folder()}, reasons).size();
      std::size_t all = used;
      for (const auto& [reason, count] : reasons) all += static_cast<std::size_t>(count);
      CHECK(all == 2);
    }
  }
  TEST_CASE("the same fonts give the same bytes, wherever they lie and however often") {
    const Scratch flat, deep;
    for (int style = 0; style < kStyles; ++style) flat.file("f" + std::to_string(style) + ".t1", block_font("F", style));
    fs::create_directories(deep / "x/y");
    for (int style = kStyles; style-- > 0;) deep.file("x/y/f" + std::to_string(style) + ".t1", block_font("F", style));
    fs::create_directory_symlink(deep.folder(), deep / "x/y/above");
    fs::create_symlink(deep / "x/y/f1.t1", deep / "again.t1");
    fs::create_symlink(deep / "gone", deep / "nowhere.ttf");
    const GlyphSummary summary = make(flat, {}), same = make(deep, {});
    CHECK(summary.faces == kStyles);
    CHECK(same.faces == kStyles);
    CHECK(same.left_out.empty());
    for (const char* name : {"fonts.txt", "classes.txt", "glyphs-labels-idx1-ubyte", "glyphs-images-idx3-ubyte"}) {
      CHECK(text_of(flat / "out" / name) == text_of(deep / "out" / name));
    }
  }
  TEST_CASE("fewer faces are taken evenly from the sorted ones") {
    const Scratch scratch;
    for (int style = 0; style < kStyles; ++style) scratch.file(std::to_string(style) + ".t1", block_font("F", style));
    const GlyphSummary summary = make(scratch, {.output = {}, .fonts = {}, .size = 32, .faces = 2});
    CHECK(summary.faces == 2);
    CHECK(summary.left_out == FaceCounts{{"more than asked for", 2}});
    CHECK(text_of(scratch / "out/fonts.txt") == "F\tS0\t0.t1\nF\tS2\t2.t1\n");
    CHECK(make(scratch, {.output = {}, .fonts = {}, .size = 32, .faces = 9}).faces == kStyles);
  }
  TEST_CASE("names in a font cannot break the table of faces") {
    const Scratch scratch;
    scratch.file("font.pfa", block_font("Two\nlines\tand a tab"));
    make(scratch, {});
    const std::string table = text_of(scratch / "out/fonts.txt");
    CHECK_MESSAGE(std::count(table.begin(), table.end(), '\n') == 1, table);
    CHECK_MESSAGE(std::count(table.begin(), table.end(), '\t') == 2, table);
  }
  TEST_CASE("without a usable font the message names the folder, the reasons and what to install") {
    const Scratch scratch;
    const auto refused = [&](const fs::path& folder) { return outcome([&] { make(scratch, {.output = {}, .fonts = folder}); }); };
    const Outcome missing = refused(scratch / "none"), empty = refused(scratch.folder());
    scratch.file("bad.ttf", "no font");
    const Outcome damaged = refused(scratch.folder());
    for (const Outcome& result : {missing, empty, damaged}) {
      CHECK(result.exit == Exit::data);
      CHECK_MESSAGE(contains(result.message, scratch.folder().string()), result.message);
    }
    CHECK_MESSAGE(contains(missing.message, "No such file"), missing.message);
    CHECK_MESSAGE(contains(empty.message, "fonts-dejavu-core"), empty.message);
    CHECK_MESSAGE(contains(damaged.message, "1 damaged or no font"), damaged.message);
    CHECK(!fs::exists(scratch / "out"));
  }
  TEST_CASE("an output that cannot be completed is an error and holds no images") {
    const Scratch scratch;
    scratch.file("font.pfa", block_font("F"));
    make(scratch, {});
    fs::remove(scratch / "out/fonts.txt");
    fs::create_directory(scratch / "out/fonts.txt");
    CHECK(outcome([&] { make(scratch, {}); }).exit == Exit::output);
    CHECK(!fs::exists(scratch / "out/glyphs-images-idx3-ubyte"));
    fs::remove_all(scratch / "out");
    scratch.file("out", "a file in the way");
    CHECK(outcome([&] { make(scratch, {}); }).exit == Exit::output);
  }
}
