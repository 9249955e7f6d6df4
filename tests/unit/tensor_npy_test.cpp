#include "tensor/npy.h"

#include <array>

#include <doctest/doctest.h>

using namespace fgan;

TEST_SUITE("fast") {
  TEST_CASE("the header of an array is what NumPy's format says") {
    const std::array<std::int64_t, 4> dims{12345678, 28, 28, 1};
    const std::string header = npy_header(DType::u8, dims);
    CHECK(header.size() % 64 == 0);
    CHECK(header.starts_with(std::string("\x93NUMPY\x01\x00", 8)));
    CHECK(static_cast<unsigned char>(header[8]) + 256 * static_cast<unsigned char>(header[9]) == header.size() - 10);
    CHECK(header.find("{'descr': '|u1', 'fortran_order': False, 'shape': (12345678, 28, 28, 1, ), }") == 10);
    CHECK(header.back() == '\n');
  }

  TEST_CASE("numbers are called what NumPy calls them") {
    const std::pair<DType, const char*> names[] = {{DType::f32, "<f4"}, {DType::bf16, "<V2"}, {DType::u8, "|u1"}, {DType::i64, "<i8"}};
    for (const auto& [type, name] : names) CHECK(npy_header(type, {}).substr(10).starts_with(std::string("{'descr': '") + name + "',"));
  }

  TEST_CASE("headers of every length are padded to whole blocks") {
    for (std::int64_t dim = 1; dim < (std::int64_t{1} << 60); dim *= 3) {
      const std::array<std::int64_t, 3> dims{dim, dim, dim};
      CHECK(npy_header(DType::f32, dims).size() % 64 == 0);
    }
  }
}
