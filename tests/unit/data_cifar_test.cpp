#include <doctest/doctest.h>

#include "data/dataset.h"
#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

// Record i has the label (first + i) mod 10; pixel p of its channel c is (i + 3 p + 50 c) mod 256.
std::string records(int count, int first = 0) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes += static_cast<char>((first + i) % 10);
    for (int c = 0; c < 3; ++c) {
      for (int p = 0; p < 1024; ++p) bytes += static_cast<char>(i + 3 * p + 50 * c);
    }
  }
  return bytes;
}

DataOptions from(const std::filesystem::path& path) {
  DataOptions options;
  options.path = path;
  return options;
}

std::vector<std::byte> image(const Dataset& data, std::int64_t index) {
  std::vector<std::byte> out(static_cast<std::size_t>(data.sample_shape().example()));
  data.read(index, out);
  return out;
}

void check_refused(const std::filesystem::path& path, std::string_view part) {
  const Outcome result = outcome([&] { open_dataset(from(path), 1); });
  CHECK(result.exit == Exit::data);
  CHECK_MESSAGE(contains(result.message, path.string()), result.message);
  CHECK_MESSAGE(contains(result.message, part), result.message);
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("planes of a CIFAR-10 record become pixels, labels come along") {
    const Scratch scratch;
    const auto data = open_dataset(from(scratch.file("anything", records(600))), 1);
    CHECK(data->size() == 600);
    CHECK(data->sample_shape() == Shape{1, 32, 32, 3});
    CHECK(data->classes().size() == 10);
    CHECK(data->classes()[9] == "9");
    for (const int i : {0, 511, 512, 599}) {
      const auto pixels = image(*data, i);
      CHECK(data->label(i) == i % 10);
      for (const int p : {0, 1, 1023}) {
        for (int c = 0; c < 3; ++c)
          REQUIRE(std::to_integer<int>(pixels[static_cast<std::size_t>(3 * p + c)]) == (i + 3 * p + 50 * c) % 256);
      }
    }
  }
  TEST_CASE("batches of a folder are one set in the order of names, without the test batch") {
    const Scratch scratch;
    scratch.file("test_batch.bin", records(4));
    check_refused(scratch.folder(), "test images only");
    scratch.file("data_batch_2.bin", records(3, 5));
    scratch.file("data_batch_1.bin", records(2));
    scratch.file("readme.html", "text");
    std::string names;
    for (int i = 0; i < 10; ++i) names += format("name {}\r\n", i);
    scratch.file("batches.meta.txt", names + "\n");
    const auto data = open_dataset(from(scratch.folder()), 1);
    CHECK(data->size() == 5);
    std::vector<int> labels;
    for (int i = 0; i < 5; ++i) labels.push_back(data->label(i));
    CHECK(labels == std::vector{0, 1, 5, 6, 7});
    CHECK(data->classes()[7] == "name 7");
    CHECK(contains(data->description(), "5 colour images of 32 by 32 pixels from 2 files in"));
    CHECK(contains(data->description(), "not trained on: test_batch.bin"));
    CHECK(open_dataset(from(scratch / "test_batch.bin"), 1)->size() == 4);
  }
  TEST_CASE("files that are not whole CIFAR-10 records are refused with the reason") {
    const Scratch scratch;
    const std::string whole = records(2);
    check_refused(scratch.file("empty.bin", ""), "empty");
    check_refused(scratch.file("short.bin", whole.substr(0, whole.size() - 1)), "6145 bytes");
    check_refused(scratch.file("long.bin", whole + "x"), "6147 bytes");
    std::string damaged = whole;
    damaged[3073] = 10;
    check_refused(scratch.file("label.bin", damaged), "record 1 has the label 10");
    check_refused(scratch.file("label", damaged), "not an IDX file");
    scratch.file("data_batch_1.bin", damaged);
    const Outcome result = outcome([&] { open_dataset(from(scratch.folder()), 1); });
    CHECK(result.exit == Exit::data);
    CHECK_MESSAGE(contains(result.message, (scratch / "data_batch_1.bin").string()), result.message);
  }
  TEST_CASE("the class names of CIFAR-10 must name every label that occurs") {
    const Scratch scratch;
    scratch.file("data_batch_1.bin", records(8));
    scratch.file("batches.meta.txt", "a\nb\n");
    const Outcome result = outcome([&] { open_dataset(from(scratch.folder()), 1); });
    CHECK(result.exit == Exit::data);
    CHECK_MESSAGE(contains(result.message, "names 2 classes, but the label 7 occurs"), result.message);
  }
  TEST_CASE("CIFAR-10 is brought to another size and to grey when the options say so") {
    const Scratch scratch;
    DataOptions options = from(scratch.file("a.bin", records(3)));
    options.size = 8;
    options.channels = 1;
    const auto data = open_dataset(options, 1);
    CHECK(data->sample_shape() == Shape{1, 8, 8, 1});
    CHECK(data->label(2) == 2);
    CHECK(contains(data->description(), "brought to 8x8x1"));
    CHECK(image(*data, 0) != image(*data, 1));
    options.size = 4096;
    options.channels = 3;
    options.path = scratch.file("b.bin", records(400));
    CHECK(open_dataset(options, 1)->sample_shape() == Shape{1, 4096, 4096, 3});  // as they are needed
    options.memory = 1 << 20;                                                    // 1 TiB
    const Outcome result = outcome([&] { open_dataset(options, 1); });
    CHECK(result.exit == Exit::usage);
    CHECK_MESSAGE(contains(result.message, "smaller data.size than 4096"), result.message);
  }
}
