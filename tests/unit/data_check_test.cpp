#include "data/check.h"

#include <doctest/doctest.h>

#include <cmath>

#include "picture_bytes.h"

using namespace fgan;
using namespace fgan::test;

namespace {

DataOptions from(const std::filesystem::path& path) {
  DataOptions options;
  options.path = path;
  return options;
}

std::int64_t images_of(const std::vector<NamedCount>& counts, std::string_view name) {
  for (const NamedCount& count : counts) {
    if (count.name == name) return count.images;
  }
  return 0;
}

}  // namespace

TEST_SUITE("fast threads") {
  TEST_CASE("a check names every bad picture with its reason and counts the rest") {
    const Scratch scratch;
    for (const char* folder : {"a", "b", "test"}) subfolder(scratch, folder);
    scratch.file("a/1.png", png(4, 4, 1, 10));
    scratch.file("a/2.png", cut(png(4, 4, 1, 10)));
    scratch.file("a/3.png", png(4, 4, 1, 30));
    scratch.file("b/4.jpg", jpeg());
    scratch.file("b/5.jpg", "junk");
    scratch.file("6.png", png(4, 4, 1, 50));
    scratch.file("notes", "text");
    DataOptions options = from(scratch.folder());
    options.size = 4;
    options.bad_images = BadImages::fail;  // does not end a check
    const DataReport report = check_data(options, 1);
    CHECK(report.images == 6);
    CHECK(report.sample == Shape{1, 4, 4, 1});
    CHECK(report.decoded_bytes == 6 * 16);
    CHECK(images_of(report.kinds, "PNG") == 4);
    CHECK(images_of(report.kinds, "JPEG") == 1);
    CHECK(images_of(report.kinds, "other content") == 1);
    REQUIRE(report.classes.size() == 2);
    CHECK(images_of(report.classes, "a") == 3);
    CHECK(images_of(report.classes, "b") == 2);
    CHECK(report.unlabelled == 1);
    CHECK(report.other_files == 1);
    CHECK(report.left_out == std::vector{(scratch / "test").string()});
    REQUIRE(report.sizes.size() == 2);
    CHECK(report.sizes[0].width == 4);
    CHECK(report.sizes[1].width == 16);
    CHECK(report.sizes[1].images == 1);
    REQUIRE(report.bad.size() == 2);
    CHECK(report.bad[0].path == (scratch / "a/2.png").string());
    CHECK(contains(report.bad[0].reason, report.bad[0].path));
    CHECK(report.bad[1].path == (scratch / "b/5.jpg").string());
    REQUIRE(report.mean.size() == 1);
    // 10, 30, 50 and the JPEG's 91, which decoders may round by one
    CHECK(report.mean[0] == doctest::Approx(181 / 4.0).epsilon(0.3 / 45));
    CHECK(report.deviation[0] == doctest::Approx(std::sqrt((100 + 900 + 2500 + 8281) / 4.0 - 45.25 * 45.25)).epsilon(0.02));

    const DataReport headers = inspect_data(options, 1);
    CHECK(headers.bad.size() == 1);
    CHECK(headers.mean.empty());
    CHECK(headers.images == 6);
    CHECK(headers.description == report.description);
  }
  TEST_CASE("colour is measured by channel") {
    const Scratch scratch;
    std::vector<std::uint8_t> two{0, 100, 200, 50, 100, 0};
    const std::vector<std::byte> bytes = encode_png(two, 2, 1, 3);
    scratch.file("a.png", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const DataReport report = check_data(from(scratch.folder()), 1);
    CHECK(report.mean == std::vector{25.0, 100.0, 100.0});
    CHECK(report.deviation == std::vector{25.0, 0.0, 100.0});
  }
  TEST_CASE("files of records and mixtures are reported too") {
    const Scratch scratch;
    scratch.file("train-images-idx3-ubyte", idx_images(3, 1, 2));
    scratch.file("t10k-images-idx3-ubyte", idx_images(3, 1, 2));
    scratch.file("train-labels-idx1-ubyte", idx(0x0801, {3}, std::string("\0\2\2", 3)));
    const DataReport report = check_data(from(scratch.folder()), 1);
    CHECK(report.images == 3);
    CHECK(images_of(report.kinds, "IDX") == 3);
    CHECK(images_of(report.classes, "2") == 2);
    CHECK(images_of(report.classes, "1") == 0);
    CHECK(report.left_out.size() == 1);
    CHECK(report.mean == std::vector{7.5});  // 0 1 7 8 14 15
    CHECK(report.decoded_bytes == 6);
    DataOptions larger = from(scratch.folder());
    larger.size = 4;
    CHECK(check_data(larger, 1).sample == Shape{1, 4, 4, 1});
    CHECK(check_data(larger, 1).sizes.front().width == 2);
    larger.channels = 2;
    CHECK(outcome([&] { check_data(larger, 1); }).exit == Exit::usage);

    DataOptions mixture;
    mixture.kind = DataKind::gaussian_mixture;
    mixture.means = "-1, 1";
    mixture.deviations = {1, 1};
    const DataReport numbers = check_data(mixture, 1);
    CHECK(numbers.dtype == DType::f32);
    CHECK(numbers.mean.empty());
    CHECK(numbers.decoded_bytes == 0);
    CHECK(outcome([] { inspect_data({}, 1); }).exit == Exit::usage);
    CHECK(outcome([&] { check_data(from(scratch / "missing"), 1); }).exit == Exit::data);
  }
}
