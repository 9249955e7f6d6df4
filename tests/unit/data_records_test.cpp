// IDX and CIFAR-10 files that are not held.
#include "data/formats/records.h"

#include <doctest/doctest.h>

#include "data/loader.h"
#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

DataOptions from(const std::filesystem::path& path, std::int64_t memory) {
  DataOptions options;
  options.path = path;
  options.memory = memory;
  return options;
}

std::string records(std::size_t count, int seed) {
  std::string bytes;
  for (std::size_t i = 0; i < count * 3073; ++i) bytes += static_cast<char>(i % 3073 == 0 ? i / 3073 % 10 : i * i % 251 + seed);
  return bytes;
}

void check_equal(DataOptions held, DataOptions needed) {
  const auto a = open_dataset(held, 1), b = open_dataset(needed, 1);
  CHECK(!contains(a->description(), "as needed"));
  CHECK(contains(b->description(), a->description() + ", read as needed (data.memory)"));
  REQUIRE(a->size() == b->size());
  REQUIRE(a->sample_shape() == b->sample_shape());
  CHECK(a->digest() == b->digest());
  CHECK(a->classes() == b->classes());
  for (std::int64_t i = 0; i < a->size(); ++i) REQUIRE(a->label(i) == b->label(i));
  Loader from_memory(*a, 2, 9, 0), from_file(*b, 2, 9, 0);
  for (std::int64_t i = 0; i < a->size(); ++i) REQUIRE(std::ranges::equal(from_memory.next(), from_file.next()));
}

}  // namespace

TEST_SUITE("fast threads") {
  TEST_CASE("records held and records read as needed are the same samples with the same labels and digest") {
    const Scratch scratch;
    std::filesystem::create_directory(scratch / "cifar");
    scratch.file("cifar/data_batch_1.bin", records(7, 1));
    scratch.file("cifar/data_batch_2.bin", records(12, 2));
    scratch.file("cifar/test_batch.bin", records(1, 3));
    scratch.file("images", idx_images(20, 6, 5));
    scratch.file("labels", idx(0x0801, {20}, std::string(10, '\1') + std::string(10, '\0')));
    for (const char* name : {"cifar", "images"}) {
      for (const auto& [size, channels] : {std::pair(0, 0), {9, 0}, {0, 1}, {4, 3}}) {
        DataOptions held = from(scratch / name, 4096), needed = from(scratch / name, 0);
        for (DataOptions* options : {&held, &needed}) {
          options->size = size;
          options->channels = channels;
        }
        check_equal(held, needed);
      }
    }
  }
  TEST_CASE("compressed records are held whatever data.memory says, and faults are told as those of records that are held") {
    const Scratch scratch;
    const auto packed = open_dataset(from(scratch.file("packed", gzip(idx_images(3, 4, 4))), 0), 1);
    CHECK(!contains(packed->description(), "as needed"));
    const std::string cifar = records(3, 0);
    for (const std::string& damaged :
         {idx_images(3, 4, 4).substr(0, 50), idx_images(3, 4, 4) + "x", std::string("no data"), cifar.substr(1), std::string()}) {
      const auto path = scratch.file("damaged.bin", damaged);
      const Outcome held = outcome([&] { open_dataset(from(path, 4096), 1); }), needed = outcome([&] { open_dataset(from(path, 0), 1); });
      CHECK(held.exit == Exit::data);
      CHECK(held.message == needed.message);
    }
  }
  TEST_CASE("records that are cut off while they are read are an error") {
    const Scratch scratch;
    const auto path = scratch.file("images", idx_images(100, 20, 20));
    const auto data = open_dataset(from(path, 0), 1);
    std::filesystem::resize_file(path, 2000);
    std::vector<std::byte> pixels(400);
    data->read(0, pixels);
    const Outcome result = outcome([&] { data->read(99, pixels); });
    CHECK(result.exit == Exit::data);
    CHECK(contains(result.message, "bytes too early"));
  }
}
