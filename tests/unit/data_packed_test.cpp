#include "data/formats/packed.h"

#include <doctest/doctest.h>
#include <atomic>

#include "base/digest.h"
#include "data/check.h"
#include "data/loader.h"
#include "data/pack.h"
#include "picture_bytes.h"
#include "tensor/safetensors_layout.h"

using namespace fgan;
using namespace fgan::test;

namespace {

DataOptions from(const std::filesystem::path& path, int size = 0) {
  DataOptions options;
  options.path = path;
  options.size = size;
  options.memory = 0;
  return options;
}

std::filesystem::path packed(const Scratch& scratch, const DataOptions& options, std::string_view name = "packed.safetensors") {
  pack(*open_dataset(options, 1), options, scratch / name, [] {});
  return scratch / name;
}

std::vector<std::byte> image(const Dataset& data, std::int64_t index) {
  std::vector<std::byte> pixels(static_cast<std::size_t>(data.sample_shape().example()));
  data.read(index, pixels);
  return pixels;
}

void check_equal(const Dataset& a, const Dataset& b) {
  REQUIRE(a.size() == b.size());
  REQUIRE(a.sample_shape() == b.sample_shape());
  CHECK(a.classes() == b.classes());
  for (std::int64_t i = 0; i < a.size(); ++i) {
    REQUIRE(image(a, i) == image(b, i));
    REQUIRE(a.label(i) == b.label(i));
  }
}

// Two classes, one picture of none, three sizes, one damaged picture.
void put_pictures(const Scratch& scratch) {
  for (const char* folder : {"source/cats", "source/dogs"}) subfolder(scratch, folder);
  scratch.file("source/cats/1.png", png(12, 10, 3, 17));
  scratch.file("source/cats/2.png", cut(png(12, 10, 3, 18)));
  scratch.file("source/cats/3.png", png(9, 14, 1, 19));
  scratch.file("source/dogs/4.jpg", jpeg());
  scratch.file("source/5.png", png(5, 5, 4, 20));
}

// With this header, and checksums of it, of tables and of images that fit.
std::filesystem::path made_up(const Scratch& scratch, std::vector<TensorEntry> tensors, std::map<std::string, std::string> metadata,
                              std::string_view data) {
  std::size_t at = 0;
  for (TensorEntry& tensor : tensors) {
    tensor.checksum = digest_text(std::as_bytes(std::span(data.substr(at, tensor.bytes()))));
    at += tensor.bytes();
  }
  return scratch.file("made-up.safetensors", header_bytes(tensors, metadata).append(data));
}

std::string of_numbers(std::initializer_list<std::uint64_t> numbers) {
  std::string bytes;
  for (const std::uint64_t number : numbers)
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

}  // namespace

TEST_SUITE("fast threads") {
  TEST_CASE("packed images are those of the source with the same options, byte for byte, with labels and names") {
    const Scratch scratch;
    put_pictures(scratch);
    scratch.file("idx-images", idx_images(20, 6, 5));
    scratch.file("idx-labels", idx(0x0801, {20}, std::string(10, '\1') + std::string(10, '\0')));
    for (DataOptions options :
         {from(scratch / "source"), from(scratch / "source", 8), from(scratch / "idx-images"), from(scratch / "idx-images", 9)}) {
      options.fit = options.size == 8 ? Fit::pad : Fit::crop;
      const auto source = open_dataset(options, 1);
      const auto path = packed(scratch, options, format("{}{}", options.path.filename().string(), options.size));
      options.path = path;
      const auto data = open_dataset(options, 1);
      check_equal(*source, *data);
      CHECK(data->digest() == source->digest());
      CHECK(!data->costly());
      Loader a(*source, 3, 7, 2), b(*data, 3, 7, 2);
      for (int batch = 0; batch < 5; ++batch) CHECK(std::ranges::equal(a.next(), b.next()));
      options.size = 0;
      check_equal(*source, *open_dataset(options, 1));
    }
  }
  TEST_CASE("a packed set is its source only with the settings that it was packed with") {
    const Scratch scratch;
    put_pictures(scratch);
    DataOptions options = from(scratch / "source", 8);
    options.path = packed(scratch, options);
    const std::string source = open_dataset(options, 1)->digest();
    DataOptions other = options;
    other.size = 0;
    const std::string own = open_dataset(other, 1)->digest();
    CHECK(own.size() == 16);
    CHECK(own != source);
    for (auto change :
         std::initializer_list<void (*)(DataOptions&)>{[](DataOptions& o) { o.fit = Fit::stretch; },
                                                       [](DataOptions& o) { o.background = 3; }, [](DataOptions& o) { o.channels = 3; }}) {
      other = options;
      change(other);
      CHECK(open_dataset(other, 1)->digest() == own);
    }
  }
  TEST_CASE("what packing has decided is refused to be otherwise") {
    const Scratch scratch;
    put_pictures(scratch);
    const auto path = packed(scratch, from(scratch / "source", 8));
    DataOptions options = from(path, 16);
    Outcome result = outcome([&] { open_dataset(options, 1); });
    CHECK(result.exit == Exit::usage);
    CHECK(contains(result.message, "have 8 by 8 pixels, and data.size is 16; convert the source again"));
    options = from(path);
    options.channels = 1;
    result = outcome([&] { open_dataset(options, 1); });
    CHECK(result.exit == Exit::usage);
    CHECK(contains(result.message, "have 3 channels, and data.channels is 1"));
    options = from(path);
    options.bad_images = BadImages::fail;
    result = outcome([&] { open_dataset(options, 1); });
    CHECK(result.exit == Exit::data);
    CHECK(contains(result.message, "1 of its images replace others that could not be decoded"));
  }
  TEST_CASE("a report says what a packed set is and where it comes from") {
    const Scratch scratch;
    put_pictures(scratch);
    const auto path = packed(scratch, from(scratch / "source", 8));
    const DataReport report = check_data(from(path), 1);
    CHECK(report.description ==
          format("5 colour images of 8 by 8 pixels from {}, 2 classes, packed from source data.size=8, 1 of them replaced", path.string()));
    CHECK(report.images == 5);
    CHECK(report.unlabelled == 1);
    REQUIRE(report.kinds.size() == 1);
    CHECK(report.kinds[0].name == "packed");
    REQUIRE(report.mean.size() == 3);
    CHECK(report.mean[0] > 0);
    CHECK(inspect_data(from(path), 1).mean.empty());
  }
  TEST_CASE("every changed byte of a packed set is noticed by a check and by training, and so is every length") {
    const Scratch scratch;
    scratch.file("images", idx_images(3, 2, 2));
    scratch.file("labels", idx(0x0801, {3}, std::string("\1\0\1", 3)));
    const auto path = packed(scratch, from(scratch / "images"));
    const std::string whole = text_of(path);
    const auto noticed = [&](std::string_view content) {
      scratch.file("packed.safetensors", content);
      const auto is_noticed = [&](const Outcome& result) {
        return result.exit == Exit::data && contains(result.message, "packed.safetensors");
      };
      return is_noticed(outcome([&] { check_data(from(path), 1); })) && is_noticed(outcome([&] {
               const auto data = open_dataset(from(path), 1);
               for (std::int64_t i = 0; i < data->size(); ++i) image(*data, i);
             }));
    };
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
      CAPTURE(at);
      REQUIRE(noticed(changed));
    }
    for (std::size_t length = 0; length < whole.size(); length += length < 4090 ? 13 : 1) {
      CAPTURE(length);
      REQUIRE(noticed(std::string_view(whole).substr(0, length)));
    }
    CHECK(noticed(whole + "x"));
  }
  TEST_CASE("a check counts the damaged images and names the first") {
    const Scratch scratch;
    const auto path = packed(scratch, from(scratch.file("images", idx_images(60, 4, 4))));
    std::string bytes = text_of(path);
    const std::size_t begin = bytes.size() - 60 * 16;
    for (std::size_t i = 7; i < 60; i += 2) ++bytes[begin + 16 * i];
    scratch.file("packed.safetensors", bytes);
    const Outcome result = outcome([&] { check_data(from(path), 1); });
    CHECK(result.exit == Exit::data);
    CHECK(contains(result.message, format("27 of 60 images are damaged; image 7 of '{}' is damaged (bytes {} to {})", path.string(),
                                          begin + 7 * 16, begin + 8 * 16 - 1)));
    CHECK(contains(result.message, "so are 9, 11, 13"));
    CHECK(contains(result.message, ", 47 and more"));
  }
  TEST_CASE("a file that is cut off while it is read is an error, not a crash") {
    const Scratch scratch;
    const auto path = packed(scratch, from(scratch.file("images", idx_images(50, 64, 64))));
    const auto data = open_dataset(from(path), 1);
    std::filesystem::resize_file(path, 30'000);
    CHECK(image(*data, 0).size() == 4096);
    const Outcome result = outcome([&] { image(*data, 49); });
    CHECK(result.exit == Exit::data);
    CHECK(contains(result.message, "bytes too early"));
    Loader loader(*data, 1, 50, 0);
    CHECK_THROWS_AS(loader.next(), Error);
  }
  TEST_CASE("foreign and made-up files are refused in words, before memory is taken for what they claim") {
    const Scratch scratch;
    const std::map<std::string, std::string> good{{"format", std::string(kPackedFormat)}, {"class.0", "a"}};
    const TensorEntry images{"images", DType::u8, {2, 1, 3, 1}, ""}, checksums{"checksums", DType::i64, {2}, ""},
        labels{"labels", DType::i64, {2}, ""};
    const std::uint64_t sum = digest_value(std::as_bytes(std::span("abc", 3)));
    const std::string sums = of_numbers({sum, sum}), pixels = "abcabc";
    const auto refusal = [&](const std::vector<TensorEntry>& tensors, const std::map<std::string, std::string>& metadata,
                             const std::string& data) {
      const auto path = made_up(scratch, tensors, metadata, data);
      const Outcome result = outcome([&] { image(*open_dataset(from(path), 1), 1); });
      CHECK((result.exit == Exit::data || result.exit == Exit::done));
      CHECK(contains(result.message, result.exit == Exit::done ? "" : "made-up.safetensors"));
      return result.message;
    };
    const auto none = std::map<std::string, std::string>{{"format", std::string(kPackedFormat)}};
    CHECK(refusal({checksums, labels, images}, good, sums + of_numbers({0, ~0ull}) + pixels) == "");
    CHECK(refusal({checksums, images}, none, sums + pixels) == "");
    CHECK(contains(refusal({checksums, images}, {}, sums + pixels), "none of images that fgan data convert wrote"));
    CHECK(contains(refusal({checksums, images}, {{"format", "fgan checkpoint 2"}}, sums + pixels), "none of images"));
    CHECK(
        contains(refusal({checksums, images}, {{"format", "fgan images 2"}}, sums + pixels), "this version of fgan reads 'fgan images 1'"));
    CHECK(contains(refusal({checksums}, none, sums), "no tensor of images"));
    CHECK(contains(refusal({images}, none, pixels), "no checksums"));
    CHECK(contains(refusal({checksums, images}, good, sums + pixels), "classes without labels"));
    CHECK(contains(refusal({checksums, labels, images}, none, sums + sums + pixels), "labels without classes"));
    CHECK(contains(refusal({checksums, labels, images}, good, sums + of_numbers({0, 1}) + pixels), "the label 1 and 1 class"));
    CHECK(contains(refusal({checksums, labels, images}, good, sums + of_numbers({0, ~1ull}) + pixels), "the label -2"));
    CHECK(contains(refusal({checksums, labels, images}, good, sums + of_numbers({0, 1ull << 32}) + pixels), "the label 4294967296"));
    CHECK(contains(refusal({{"checksums", DType::i64, {1}, ""}, images}, none, of_numbers({sum}) + pixels), "are not 2 numbers"));
    CHECK(contains(refusal({{"checksums", DType::u8, {2}, ""}, images}, none, "xy" + pixels), "are not 2 numbers"));
    for (const std::vector<std::int64_t>& dims : {std::vector<std::int64_t>{2, 1, 3, 2}, {0, 1, 3, 1}, {1, 5000, 1, 1}, {2, 0, 3, 1}}) {
      const TensorEntry odd{"images", DType::u8, dims, ""};
      CHECK(contains(refusal({checksums, odd}, none, sums + std::string(odd.bytes(), 'x')), "its images are said to be"));
    }
    CHECK(contains(refusal({checksums, {"images", DType::u8, {2, 3}, ""}}, none, sums + pixels), "no tensor of images"));
    CHECK(contains(refusal({checksums, images}, none, of_numbers({sum, sum + 1}) + pixels), "image 1 of"));
  }
  TEST_CASE("a packed set is known by its content, whatever it is called, and in a folder it is not looked for") {
    const Scratch scratch;
    put_pictures(scratch);
    const auto path = packed(scratch, from(scratch / "source"), "source/packed");
    CHECK(contains(open_dataset(from(path), 1)->description(), "packed from source"));
    CHECK(contains(open_dataset(from(scratch / "source"), 1)->description(), "1 other file ignored"));
    CHECK(!is_packed(scratch / "source/5.png"));
    CHECK(!is_packed(scratch / "none"));
  }
  TEST_CASE("packing overwrites nothing, and leaves nothing when it ends before the last image") {
    const Scratch scratch;
    subfolder(scratch, "out");
    const DataOptions options = from(scratch.file("images", idx_images(3, 2, 2)));
    const auto source = open_dataset(options, 1);
    const auto output = scratch / "out/packed";
    CHECK_THROWS_AS(pack(*source, options, output, [] { throw std::runtime_error("stop"); }), std::runtime_error);
    CHECK(std::filesystem::is_empty(scratch / "out"));
    std::atomic<int> images = 0;
    pack(*source, options, output, [&] { ++images; });
    CHECK(images == 3);
    const DataOptions again = from(output);
    CHECK(outcome([&] { pack(*open_dataset(again, 1), again, scratch / "out/twice", [] {}); }).exit == Exit::usage);
    scratch.file("out/packed", "precious");
    const Outcome result = outcome([&] { pack(*source, options, output, [] {}); });
    CHECK(result.exit == Exit::output);
    CHECK(contains(result.message, "exists already"));
    CHECK(text_of(output) == "precious");
  }
  TEST_CASE("packing the same images gives the same bytes, with the pixels at a page") {
    const Scratch scratch;
    put_pictures(scratch);
    const auto a = packed(scratch, from(scratch / "source"), "a"), b = packed(scratch, from(scratch / "source"), "b");
    CHECK(text_of(a) == text_of(b));
    const InputFile file(a);
    const StoredHeader header = read_header(file, Checksums::required);
    REQUIRE(header.find("images") != nullptr);
    CHECK((header.data_begin + header.find("images")->begin) % 4096 == 0);
    const SafeTensors whole = read_safetensors(a, Checksums::required);
    CHECK(whole.find("images")->dims == std::vector<std::int64_t>{5, 64, 64, 3});
    CHECK(whole.find("labels")->dims == std::vector<std::int64_t>{5});
    CHECK(whole.metadata.at("class.1") == "dogs");
  }
}
