#include <doctest/doctest.h>

#include "data/dataset.h"
#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

std::unique_ptr<Dataset> open(const std::filesystem::path& path) {
  DataOptions options;
  options.path = path;
  return open_dataset(options, 1);
}

std::vector<std::byte> image(const Dataset& data, std::int64_t index) {
  std::vector<std::byte> out(static_cast<std::size_t>(data.sample_shape().example()));
  data.read(index, out);
  return out;
}

void check_refused(const std::filesystem::path& path, std::string_view part) {
  const Outcome result = outcome([&] { open(path); });
  CHECK(result.exit == Exit::data);
  CHECK_MESSAGE(contains(result.message, path.string()), result.message);
  CHECK_MESSAGE(contains(result.message, part), result.message);
}

// $FGAN_DATA, or ../shared/data beside the source tree, which CTest names in $FGAN_SOURCE; need not exist.
std::filesystem::path real_data() {
  if (const char* folder = std::getenv("FGAN_DATA")) return folder;
  const char* source = std::getenv("FGAN_SOURCE");
  return std::filesystem::path(source != nullptr ? source : ".") / "../shared/data";
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("images read the same from an IDX file and from its archive, whatever their names") {
    const Scratch scratch;
    for (const auto& path : {scratch.file("plain.gz", idx_images(3, 4, 5)), scratch.file("packed", gzip(idx_images(3, 4, 5)))}) {
      const auto data = open(path);
      CHECK(data->size() == 3);
      CHECK(data->sample_shape() == Shape{1, 4, 5, 1});
      CHECK(data->dtype() == DType::u8);
      CHECK(std::to_integer<int>(image(*data, 2)[19]) == 2 * 7 + 19);
      CHECK(contains(data->description(), path.string()));
      CHECK_THROWS_AS(image(*data, 3), std::logic_error);
      CHECK(data->density({}).empty());
    }
  }
  TEST_CASE("files that are not whole IDX files of images are refused with the reason") {
    const Scratch scratch;
    const std::string whole = idx_images(3, 4, 5), packed = gzip(whole);
    check_refused(scratch / "missing", "does not exist");
    check_refused(scratch.file("empty", ""), "too short");
    check_refused(scratch.file("text", "[data]\npath = x\n"), "not an IDX file of 8-bit images: it begins with 0x5b646174");
    check_refused(scratch.file("labels", idx(0x0801, {3}, "abc")), "labels");
    check_refused(scratch.file("floats", idx(0x0D03, {1, 1, 1}, "abcd")), "0x00000d03");
    check_refused(scratch.file("header", whole.substr(0, 13)), "ends within its header");
    check_refused(scratch.file("none", idx(0x0803, {0, 4, 5}, "")), "no images");
    check_refused(scratch.file("flat", idx(0x0803, {1, 0, 5}, "")), "0 by 5");
    check_refused(scratch.file("wide", idx(0x0803, {1, 1, 4097}, std::string(4097, 'x'))), "1 by 4097");
    check_refused(scratch.file("absurd", idx(0x0803, {0xffffffff, 0xffffffff, 0xffffffff}, "")), "4294967295 by");
    check_refused(scratch.file("huge", idx(0x0803, {0xffffffff, 4096, 4096}, "")), "at most");
    check_refused(scratch.file("promise", idx(0x0803, {60'000, 28, 28}, "abc")), "truncated");
    check_refused(scratch.file("bomb", gzip(idx(0x0803, {1'000'000, 100, 100}, "abc"))), "truncated");
    check_refused(scratch.file("long", whole + "x"), "longer than it says");
    check_refused(scratch.file("long.gz", gzip(whole + "x")), "longer than it says");
    check_refused(scratch.file("short", whole.substr(0, whole.size() - 1)), "truncated");
    check_refused(scratch.file("short.gz", gzip(whole.substr(0, whole.size() - 1))), "truncated");
    std::string damaged = packed;
    damaged[packed.size() - 6] ^= 1;  // within the checksum
    check_refused(scratch.file("checksum", damaged), "damaged");
  }
  TEST_CASE("an IDX archive cut off at any byte is refused") {
    const Scratch scratch;
    const std::string packed = gzip(idx_images(3, 4, 5));
    for (std::size_t length = 0; length < packed.size(); ++length) {
      const auto path = scratch.file("cut", std::string_view(packed).substr(0, length));
      REQUIRE(outcome([&] { open(path); }).exit == Exit::data);
    }
  }
  TEST_CASE("a folder's training images are found by content, and test images are never trained on") {
    const Scratch scratch;
    scratch.file("README", "text");
    scratch.file("b-labels", idx(0x0801, {3}, "abc"));
    scratch.file("t10k-images", idx_images(2, 4, 5));
    check_refused(scratch.folder(), "test images only");
    scratch.file("a-images.gz", gzip(idx_images(3, 4, 5)));
    CHECK(open(scratch.folder())->size() == 3);
    scratch.file("c-images", idx_images(4, 4, 5));
    check_refused(scratch.folder(), "several files of images (a-images.gz, c-images)");
    std::filesystem::create_directory(scratch / "train");  // of pictures, say
    scratch.file("TRAIN-images.gz", gzip(idx_images(5, 4, 5)));
    CHECK(open(scratch.folder())->size() == 5);
    scratch.file("TRAIN-images", idx_images(5, 4, 5));
    CHECK(open(scratch.folder())->size() == 5);
    CHECK(open(scratch / "t10k-images")->size() == 2);
  }
  TEST_CASE("labels come from the file beside the images, packed or not, names from classes.txt") {
    const Scratch scratch;
    const auto images = scratch.file("glyphs-images-idx3-ubyte", idx_images(4, 4, 5));
    CHECK(open(images)->classes().empty());
    CHECK(open(images)->label(3) == -1);
    scratch.file("glyphs-labels-idx1-ubyte.gz", gzip(idx(0x0801, {4}, std::string("\0\1\2\1", 4))));
    const auto data = open(scratch.folder());
    CHECK(data->classes() == std::vector<std::string>{"0", "1", "2"});
    CHECK(data->label(2) == 2);
    CHECK(data->label(3) == 1);
    CHECK_THROWS_AS(data->label(4), std::logic_error);
    CHECK(contains(data->description(), "3 classes"));
    scratch.file("glyphs-labels-idx1-ubyte", idx(0x0801, {4}, std::string("\0\0\0\1", 4)));
    scratch.file("classes.txt", "A\na b\nunused\n\n");
    CHECK(open(images)->label(2) == 0);
    CHECK(open(images)->classes() == std::vector<std::string>{"A", "a b", "unused"});
  }
  TEST_CASE("labels that do not fit their images are refused, and the message names them") {
    const Scratch scratch;
    const auto images = scratch.file("a-images-idx3-ubyte", idx_images(2, 4, 5));
    const auto refused = [&](const std::string& labels, std::string_view part) {
      const auto path = scratch.file("a-labels-idx1-ubyte", labels);
      const Outcome result = outcome([&] { open(images); });
      CHECK(result.exit == Exit::data);
      CHECK_MESSAGE(contains(result.message, path.string()), result.message);
      CHECK_MESSAGE(contains(result.message, part), result.message);
    };
    refused("", "ends within its header");
    refused(idx(0x0803, {2}, "ab"), "begins with 0x00000803");
    refused(idx(0x0801, {3}, "abc"), "3 labels for 2 images");
    refused(idx(0x0801, {0xffffffff}, "ab"), "4294967295 labels for 2 images");
    refused(idx(0x0801, {2}, "a"), "truncated");
    refused(idx(0x0801, {2}, "abc"), "longer than it says");
    const std::string packed = gzip(idx(0x0801, {2}, "ab"));
    refused(packed.substr(0, packed.size() - 3), "cut off");
    scratch.file("a-labels-idx1-ubyte", idx(0x0801, {2}, std::string("\1\2", 2)));
    scratch.file("classes.txt", "a\nb\n");
    const Outcome result = outcome([&] { open(images); });
    CHECK_MESSAGE(contains(result.message, "names 2 classes, but the label 2 occurs"), result.message);
  }
  TEST_CASE("grey images of an IDX file are brought to the size and channels that are asked for") {
    const Scratch scratch;
    DataOptions options;
    options.path = scratch.file("a", idx_images(3, 4, 5));
    options.size = 8;
    options.channels = 3;
    const auto data = open_dataset(options, 1);
    CHECK(data->sample_shape() == Shape{1, 8, 8, 3});
    const auto pixels = image(*data, 1);
    CHECK(pixels[0] == pixels[1]);
    CHECK(pixels[0] == pixels[2]);
    CHECK(pixels != image(*data, 2));
  }
  TEST_CASE("folders without images are refused in words") {
    const Scratch scratch;
    check_refused(scratch.folder(), "holds no files");
    std::filesystem::create_directory(scratch / "train");
    check_refused(scratch.folder(), "holds no files");
    scratch.file("train/notes", "text");
    check_refused(scratch.folder(), "none of the 1 file in");
  }
  TEST_CASE("MNIST opens from its folder, or from a made-up twin where the real one is missing") {
    const Scratch scratch;
    std::filesystem::path folder = real_data() / "mnist";
    const bool real = std::filesystem::exists(folder);
    if (!real) {
      scratch.file("train-images-idx3-ubyte.gz", gzip(idx_images(600, 28, 28)));
      scratch.file("t10k-images-idx3-ubyte.gz", gzip(idx_images(100, 28, 28)));
      folder = scratch.folder();
    }
    const auto data = open(folder);
    CHECK(data->size() == (real ? 60'000 : 600));
    CHECK(data->sample_shape() == Shape{1, 28, 28, 1});
    if (real) {
      int sum = 0;
      for (const std::byte pixel : image(*data, 0)) sum += std::to_integer<int>(pixel);
      CHECK(sum == 27'525);  // the first five of MNIST
    }
  }
}
