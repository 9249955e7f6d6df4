#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>

#include "base/log.h"
#include "data/loader.h"
#include "picture_bytes.h"

using namespace fgan;
using namespace fgan::test;

namespace {

constexpr std::int64_t kHeld = 4096, kAsNeeded = 0;

DataOptions from(const std::filesystem::path& path, std::int64_t memory = kHeld) {
  DataOptions options;
  options.path = path;
  options.memory = memory;
  return options;
}

std::vector<int> pixels(const Dataset& data, std::int64_t index) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(data.sample_shape().example()));
  data.read(index, bytes);
  std::vector<int> values;
  for (const std::byte b : bytes) values.push_back(std::to_integer<int>(b));
  return values;
}

std::vector<int> firsts(const Dataset& data) {
  std::vector<int> values;
  for (std::int64_t i = 0; i < data.size(); ++i) values.push_back(pixels(data, i)[0]);
  return values;
}

std::vector<int> labels(const Dataset& data) {
  std::vector<int> values;
  for (std::int64_t i = 0; i < data.size(); ++i) values.push_back(data.label(i));
  return values;
}

void check_refused(const DataOptions& options, std::string_view part, Exit exit = Exit::data) {
  const Outcome result = outcome([&] { open_dataset(options, 1); });
  CHECK(result.exit == exit);
  CHECK_MESSAGE(contains(result.message, part), result.message);
}

// What is logged while it lives, without filling the terminal.
class Log {
 public:
  Log() {
    log::set_level(log::Level::error);
    log::open_file((scratch_ / "before").string());  // the first file takes what was logged before it
    log::open_file((scratch_ / "log").string());
  }
  ~Log() {
    log::close_file();
    log::set_level(log::Level::info);
  }
  std::size_t count(std::string_view part) const {
    const std::string text = text_of(scratch_ / "log");
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  }

 private:
  Scratch scratch_;
};

}  // namespace

TEST_SUITE("fast threads") {
  TEST_CASE("a flat folder of pictures is read in the order of names, by content and not by extension") {
    const Scratch scratch;
    scratch.file("b.PNG", png(4, 4, 1, 20));
    scratch.file("a.jpeg", png(4, 4, 1, 10));
    scratch.file("c.jpg", png(4, 4, 1, 30));
    scratch.file(".hidden.png", png(4, 4, 1, 40));
    scratch.file("notes.txt", "text");
    scratch.file("d.webp", "RIFF");
    for (const std::int64_t memory : {kHeld, kAsNeeded}) {
      const auto data = open_dataset(from(scratch.folder(), memory), 1);
      CHECK(data->sample_shape() == Shape{1, 4, 4, 1});
      CHECK(data->dtype() == DType::u8);
      CHECK(firsts(*data) == std::vector{10, 20, 30});
      CHECK(data->classes().empty());
      CHECK(data->label(0) == -1);
      CHECK(data->costly() == (memory == kAsNeeded));
      CHECK(contains(data->description(), "3 grey images of 4 by 4 pixels from " + scratch.folder().string()));
      CHECK(contains(data->description(), "2 other files ignored"));
      CHECK_THROWS_AS(pixels(*data, 3), std::logic_error);
      CHECK_THROWS_AS(data->label(-1), std::logic_error);
    }
  }
  TEST_CASE("JPEG and PNG mix") {
    const Scratch scratch;
    scratch.file("a.png", png(16, 8, 1, 10));
    scratch.file("b.png", jpeg());
    const auto data = open_dataset(from(scratch.folder()), 1);
    CHECK(data->sample_shape() == Shape{1, 8, 16, 1});
    CHECK(pixels(*data, 0)[0] == 10);
    CHECK(std::abs(pixels(*data, 1)[127] - 91) <= 1);
  }
  TEST_CASE("folders are classes in the order of names, however deep their pictures lie") {
    const Scratch scratch;
    for (const char* folder : {"zebra", "ant/deep/er", "empty", "x.png"}) subfolder(scratch, folder);
    scratch.file("zebra/1.png", png(4, 4, 1, 30));
    scratch.file("ant/deep/er/1.png", png(4, 4, 1, 10));
    scratch.file("m.png", png(4, 4, 1, 20));
    scratch.file("x.png/1.png", png(4, 4, 1, 25));
    for (const std::int64_t memory : {kHeld, kAsNeeded}) {
      const auto data = open_dataset(from(scratch.folder(), memory), 1);
      CHECK(data->classes() == std::vector<std::string>{"ant", "x.png", "zebra"});
      CHECK(firsts(*data) == std::vector{10, 20, 25, 30});
      CHECK(labels(*data) == std::vector{0, -1, 1, 2});
      CHECK(contains(data->description(), "3 classes"));
    }
  }
  TEST_CASE("links are followed, but no folder is entered twice") {
    const Scratch scratch, elsewhere;
    subfolder(scratch, "a");
    scratch.file("a/1.png", png(4, 4, 1, 10));
    elsewhere.file("1.png", png(4, 4, 1, 30));
    std::filesystem::create_directory_symlink(scratch.folder(), scratch / "a/loop");
    std::filesystem::create_directory_symlink(scratch / "a", scratch / "again");
    std::filesystem::create_directory_symlink(elsewhere.folder(), scratch / "b");
    std::filesystem::create_symlink(elsewhere / "1.png", scratch / "c.png");
    const auto data = open_dataset(from(scratch.folder()), 1);
    CHECK(firsts(*data) == std::vector{10, 30, 30});
    CHECK(labels(*data) == std::vector{0, 1, -1});
  }
  TEST_CASE("a thousand folders in each other are walked through in seconds") {
    const Scratch scratch;
    std::string deep;
    for (int level = 0; level < 1000; ++level) std::filesystem::create_directory(scratch / (deep += "d/"));
    scratch.file(deep + "x.png", png(4, 4, 1, 7));
    const auto begin = std::chrono::steady_clock::now();
    CHECK(open_dataset(from(scratch.folder()), 1)->size() == 1);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));  // by canonical paths it took 16
  }
  TEST_CASE("size and channels are the pictures' own where all agree, else 64 and colour; options override them") {
    const Scratch scratch;
    scratch.file("a.png", png(12, 10, 2, 10));
    CHECK(open_dataset(from(scratch.folder()), 1)->sample_shape() == Shape{1, 10, 12, 1});
    scratch.file("b.png", png(12, 10, 4, 10));
    CHECK(open_dataset(from(scratch.folder()), 1)->sample_shape() == Shape{1, 10, 12, 3});
    scratch.file("c.png", png(12, 11, 1, 10));
    const auto mixed = open_dataset(from(scratch.folder()), 1);
    CHECK(mixed->sample_shape() == Shape{1, 64, 64, 3});
    CHECK_MESSAGE(contains(mixed->description(), "because they differ: 2 sizes, 10 by 12 most often"), mixed->description());
    DataOptions options = from(scratch.folder());
    options.size = 8;
    options.channels = 1;
    CHECK(open_dataset(options, 1)->sample_shape() == Shape{1, 8, 8, 1});
    options.channels = 2;
    check_refused(options, "data.channels is 2", Exit::usage);
  }
  TEST_CASE("pictures larger than networks take are refused unless data.size is set") {
    const Scratch scratch;
    scratch.file("a.png", png(5000, 2, 1, 10));
    check_refused(from(scratch.folder()), "2 by 5000 pixels, at most 4096 a side are trained on; set data.size");
    DataOptions options = from(scratch.folder());
    options.size = 8;
    CHECK(open_dataset(options, 1)->sample_shape() == Shape{1, 8, 8, 1});
  }
  TEST_CASE("data.fit and data.background say how pictures are brought to their size") {
    const Scratch scratch;
    scratch.file("a.png", png(8, 4, 1, 100));
    scratch.file("b.png", png(4, 8, 1, 100));
    for (const auto& [fit, corner] : {std::pair{Fit::crop, 100}, {Fit::stretch, 100}, {Fit::pad, 7}}) {
      DataOptions options = from(scratch.folder());
      options.size = 8;
      options.fit = fit;
      options.background = 7;
      const auto data = open_dataset(options, 1);
      CHECK(firsts(*data) == std::vector{corner, corner});
      CHECK(contains(data->description(), to_string(fit)));
    }
  }
  TEST_CASE("held and decoded as needed, a folder with damage gives the same samples, each damaged one the next good") {
    const Scratch scratch;
    subfolder(scratch, "a");
    subfolder(scratch, "b");
    const std::string whole = png(9, 7, 3, 0);
    scratch.file("a/00.png", "");
    scratch.file("a/01.png", cut(png(9, 7, 3, 1)));
    scratch.file("a/02.png", png(9, 7, 3, 2));
    scratch.file("a/03.png", "junk");
    scratch.file("a/04.png", cut(png(9, 7, 3, 4)));
    scratch.file("b/05.png", png(9, 7, 3, 5));
    scratch.file("b/06.png", png(9, 7, 3, 6));
    scratch.file("b/07.png", cut(png(9, 7, 3, 7)));
    std::filesystem::create_symlink("nowhere", scratch / "b/08.png");
    const Log log;
    std::vector<std::vector<int>> samples[2];
    std::vector<int> classes[2];
    for (const std::int64_t memory : {kHeld, kAsNeeded}) {
      const auto data = open_dataset(from(scratch.folder(), memory), 1);
      const std::size_t mode = memory == kHeld ? 0 : 1;
      REQUIRE(data->size() == 9);
      if (mode == 1) classes[mode] = labels(*data);
      for (int round = 0; round < 2; ++round) {
        for (const std::int64_t i : {7, 0, 4, 1, 2, 3, 5, 6, 8}) samples[mode].push_back(pixels(*data, i));
      }
      classes[mode] = labels(*data);
      CHECK(firsts(*data) == std::vector{2, 2, 2, 5, 5, 5, 6, 2, 2});
      for (const char* name : {"00", "01", "03", "04", "07", "08"}) CHECK(log.count(name + std::string(".png")) == mode + 1);
      CHECK(log.count("02.png") == 0);
    }
    CHECK(samples[0] == samples[1]);
    CHECK(classes[0] == std::vector{0, 0, 0, 1, 1, 1, 1, 0, 0});
    CHECK(classes[0] == classes[1]);
  }
  TEST_CASE("threads that decode as needed give the batches of a held set and name each damaged image once") {
    const Scratch scratch;
    for (int i = 0; i < 40; ++i) scratch.file(format("{:02}.png", i), i % 4 > 1 ? cut(png(9, 7, 3, i)) : png(9, 7, 3, i));
    const Log log;
    const auto held = open_dataset(from(scratch.folder(), kHeld), 1);
    const auto needed = open_dataset(from(scratch.folder(), kAsNeeded), 1);
    Loader expected(*held, 3, 16, 0), threads(*needed, 3, 16, 0, 6);
    for (int batch = 0; batch < 20; ++batch) {
      const auto a = expected.next(), b = threads.next();
      REQUIRE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    }
    for (int i = 0; i < 40; ++i) CHECK(log.count(format("/{:02}.png", i)) == (i % 4 > 1 ? 2 : 0));  // once by each set
  }
  TEST_CASE("with data.bad_images = fail the first damaged image is an error, held or not") {
    const Scratch scratch;
    for (int i = 0; i < 20; ++i) scratch.file(format("{:02}.png", i), i == 7 || i == 9 ? cut(png(9, 7, 3, i)) : png(9, 7, 3, i));
    scratch.file("12.png", "junk");  // bad headers are seen sooner, and are no less in order
    for (const std::int64_t memory : {kHeld, kAsNeeded}) {
      DataOptions options = from(scratch.folder(), memory);
      options.bad_images = BadImages::fail;
      check_refused(options, "07.png");
      check_refused(options, "data.bad_images = skip");
    }
    scratch.file("03.png", "junk");
    for (const std::int64_t memory : {kHeld, kAsNeeded}) {
      DataOptions options = from(scratch.folder(), memory);
      options.bad_images = BadImages::fail;
      check_refused(options, "03.png");
    }
  }
  TEST_CASE("a folder without one good image is refused with the reason of the first, and nothing is logged") {
    const Scratch scratch;
    const Log log;
    scratch.file("a.png", cut(png(9, 7, 3, 1)));
    scratch.file("b.png", "junk");
    for (const std::int64_t memory : {kHeld, kAsNeeded}) {
      check_refused(from(scratch.folder(), memory), "none of the 2 images");
      check_refused(from(scratch.folder(), memory), "a.png");
    }
    scratch.file("a.png", "");
    for (const std::int64_t memory : {kHeld, kAsNeeded}) check_refused(from(scratch.folder(), memory), "a.png");
    CHECK(log.count("png") == 0);
  }
  TEST_CASE("an image that vanishes during training is replaced, and an empty set then is an error") {
    const Scratch scratch;
    const Log log;
    scratch.file("a.png", png(4, 4, 1, 10));
    scratch.file("b.png", png(4, 4, 1, 20));
    const auto data = open_dataset(from(scratch.folder(), kAsNeeded), 1);
    std::filesystem::remove(scratch / "a.png");
    CHECK(pixels(*data, 0)[0] == 20);
    CHECK(log.count("a.png") == 1);
    std::filesystem::remove(scratch / "b.png");
    const Outcome result = outcome([&] { pixels(*data, 0); });
    CHECK(result.exit == Exit::data);
    CHECK_MESSAGE(contains(result.message, "any more"), result.message);
  }
  TEST_CASE("folders that hold nothing to train on are refused in words") {
    const Scratch scratch;
    subfolder(scratch, "sub");
    check_refused(from(scratch.folder()), "holds no files");
    scratch.file("sub/a.webp", "RIFF");
    scratch.file("b.txt", "text");
    check_refused(from(scratch.folder()), "none of the 2 files in '" + scratch.folder().string() + "'");
    ::mkfifo((scratch / "c.png").c_str(), 0600);  // opening it would wait for ever
    check_refused(from(scratch.folder()), "none of the 3 files");
    check_refused(from(scratch / "c.png"), "neither a file nor a folder");
  }
  TEST_CASE("train is used where it is, and test sets beside it or alone are not") {
    const Scratch scratch;
    for (const char* folder : {"test", "val", "validation"}) subfolder(scratch, folder);
    scratch.file("test/1.png", png(4, 4, 1, 10));
    check_refused(from(scratch.folder()), "holds test images only");
    CHECK(open_dataset(from(scratch / "test"), 1)->size() == 1);
    subfolder(scratch, "cat");
    scratch.file("cat/1.png", png(4, 4, 1, 20));
    const auto without_train = open_dataset(from(scratch.folder()), 1);
    CHECK(firsts(*without_train) == std::vector{20});
    CHECK(contains(without_train->description(), "not trained on: test, val, validation"));
    subfolder(scratch, "Train/dog");
    scratch.file("Train/dog/1.png", png(4, 4, 1, 30));
    const auto data = open_dataset(from(scratch.folder()), 1);
    CHECK(firsts(*data) == std::vector{30});
    CHECK(data->classes() == std::vector<std::string>{"dog"});
    CHECK_MESSAGE(contains(data->description(), "Train, 1 class, not trained on: cat, test, val, validation"), data->description());
  }
  TEST_CASE("train beside other classes is a class") {
    const Scratch scratch;
    for (const char* folder : {"bus", "car", "train"}) {
      subfolder(scratch, folder);
      scratch.file(folder + std::string("/1.png"), png(4, 4, 1, 10));
    }
    CHECK(open_dataset(from(scratch.folder()), 1)->classes() == std::vector<std::string>{"bus", "car", "train"});
  }
  TEST_CASE("a digest tells sets of pictures apart, not where they lie or how they are held") {
    const auto digest = [](const Scratch& scratch, std::int64_t memory) {
      return open_dataset(from(scratch.folder(), memory), 1)->digest();
    };
    const Scratch one, other;
    for (const Scratch* scratch : {&one, &other}) scratch->file("a.png", png(4, 4, 1, 10));
    const std::string before = digest(one, kHeld);
    CHECK(before.size() == 16);
    CHECK(digest(other, kHeld) == before);
    CHECK(digest(one, kAsNeeded) == before);
    other.file("b.png", png(4, 4, 1, 10));
    CHECK(digest(other, kHeld) != before);
  }
  TEST_CASE("one picture is a set of one") {
    const Scratch scratch;
    const auto data = open_dataset(from(scratch.file("a", jpeg())), 1);
    CHECK(data->size() == 1);
    CHECK(data->description() == "1 grey image of 8 by 16 pixels from " + (scratch / "a").string());
    CHECK(data->sample_shape() == Shape{1, 8, 16, 1});
    check_refused(from(scratch.file("b.png", cut(png(9, 7, 3, 1)))), "b.png");
  }
}
