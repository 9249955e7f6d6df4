#include "tensor/safetensors.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

std::string length_of(std::uint64_t length) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i));
  return bytes;
}

std::string file_of(std::string_view header, std::size_t data_bytes) {
  return length_of(header.size()).append(header).append(std::string(data_bytes, 'd'));
}

StoredTensor tensor_of(std::string name, DType dtype, std::vector<std::int64_t> dims) {
  std::size_t bytes = size_of(dtype);
  for (const auto dim : dims) bytes *= static_cast<std::size_t>(dim);
  StoredTensor tensor{std::move(name), dtype, std::move(dims), std::vector<std::byte>(bytes)};
  for (std::size_t i = 0; i < bytes; ++i) tensor.bytes[i] = static_cast<std::byte>(i * 37 + tensor.name.size());
  return tensor;
}

SafeTensors sample() {
  return {{{"step", "12"}, {"name \"x\"", "\xc3\xa9\n"}},
          {tensor_of("b", DType::u8, {3}), tensor_of("main.0.weight", DType::f32, {2, 3, 1}), tensor_of("a", DType::f32, {}),
           tensor_of("counter", DType::i64, {2}), tensor_of("nothing", DType::f32, {0, 5})}};
}

Outcome reading(const Scratch& scratch, std::string_view content) {
  const auto path = scratch.file("t", content);
  return outcome([&] { read_safetensors(path, Checksums::ignored); });
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a written file reads back equal and its data is aligned") {
    const Scratch scratch;
    const SafeTensors before = sample();
    write_safetensors(scratch / "t", before);
    const SafeTensors after = read_safetensors(scratch / "t", Checksums::required);
    CHECK(after.metadata == before.metadata);
    REQUIRE(after.tensors.size() == before.tensors.size());
    for (const StoredTensor& tensor : before.tensors) {
      const StoredTensor* found = after.find(tensor.name);
      REQUIRE(found != nullptr);
      CHECK(found->dtype == tensor.dtype);
      CHECK(found->dims == tensor.dims);
      CHECK(found->bytes == tensor.bytes);
    }
    CHECK(after.find("missing") == nullptr);
    const std::string text = text_of(scratch / "t");
    CHECK(static_cast<unsigned char>(text[0]) % 8 == 0);
    CHECK(after.tensors[0].name == "counter");
    CHECK(after.tensors.back().name == "b");
  }
  TEST_CASE("equal contents give equal bytes whatever their order") {
    const Scratch scratch;
    SafeTensors contents = sample();
    write_safetensors(scratch / "a", contents);
    std::reverse(contents.tensors.begin(), contents.tensors.end());
    write_safetensors(scratch / "b", contents);
    CHECK(text_of(scratch / "a") == text_of(scratch / "b"));
    write_safetensors(scratch / "c", {});
    CHECK(read_safetensors(scratch / "c", Checksums::required).tensors.empty());
    CHECK(read_safetensors(scratch.file("d", file_of("{}      ", 0)), Checksums::ignored).tensors.empty());
  }
  TEST_CASE("a file cut off at any byte, or one byte longer, is a data error that names it") {
    const Scratch scratch;
    write_safetensors(scratch / "whole", sample());
    const std::string whole = text_of(scratch / "whole");
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Outcome result = reading(scratch, std::string_view(whole).substr(0, length));
      REQUIRE(result.exit == Exit::data);
      REQUIRE(contains(result.message, (scratch / "t").string()));
    }
    CHECK(reading(scratch, whole + '\0').exit == Exit::data);
    CHECK(reading(scratch, whole).exit == Exit::done);
  }
  TEST_CASE("changed bytes are read or refused, never more than that") {
    const Scratch scratch;
    write_safetensors(scratch / "whole", sample());
    const std::string whole = text_of(scratch / "whole");
    std::mt19937 random(3);
    for (int round = 0; round < 1500; ++round) {
      std::string damaged = whole;
      for (std::uint32_t i = 1 + random() % 3; i > 0; --i) damaged[random() % damaged.size()] = "0123456789{}[]\",:\0\xff a"[random() % 22];
      const Outcome result = reading(scratch, damaged);
      REQUIRE((result.exit == Exit::done || result.exit == Exit::data));
    }
  }
  TEST_CASE("each fault of a header is refused with its name") {
    struct Fault {
      std::string_view header, message;
      std::size_t data_bytes = 4;
    };
    const std::string deep = R"({"a":)" + std::string(1'000'000, '[');
    const std::string ranks = R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})";
    const std::vector<Fault> faults{
        {"", "does not begin"},
        {"[]", "does not begin"},
        {"\xef\xbb\xbf{}", "does not begin"},
        {" {}", "does not begin"},
        {"{", "not JSON"},
        {"{} x", "not JSON"},
        {"{\"\xff\":{}}", "not JSON"},
        {"{}", "describes 0 bytes of data, the file holds 4"},
        {deep, "nested too deeply"},
        {R"({"a":{"dtype":"F32","shape":[[[1]]],"data_offsets":[0,4]}})", "nested too deeply"},
        {R"({"a":1})", "not made of"},
        {R"({"a":{"dtype":"F32","shape":[1]}})", "not made of"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", "not made of"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
         "two entries \"a\""},
        {R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "two entries \"dtype\""},
        {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", "unknown dtype \"F16\""},
        {R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,4]}})", "unknown dtype 7"},
        {R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", "not a list"},
        {ranks, "not a list of at most 8"},
        {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "holds -1"},
        {R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", "holds 1.0"},
        {R"({"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}})", "holds 9223372036854775808"},
        {R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})", "do not fit"},
        {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,0]}})", "do not fit", 0},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "do not fit"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", "not two numbers"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", "not two numbers"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}})", "not two numbers"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,0]}})", "do not fit"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "describes 4 bytes of data, the file holds 8", 8},
        {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "before the end",
         3},
        {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}})", "behind the end"},
        {R"({"__metadata__":7})", "not an object", 0},
        {R"({"__metadata__":{"a":1}})", "not a text", 0},
        {R"({"__metadata__":{"a":"1","a":"2"}})", "two entries", 0},
    };
    const Scratch scratch;
    for (const Fault& fault : faults) {
      CAPTURE(fault.header.substr(0, 200));
      const Outcome result = reading(scratch, file_of(fault.header, fault.data_bytes));
      CHECK(result.exit == Exit::data);
      CHECK_MESSAGE(contains(result.message, fault.message), result.message);
    }
  }
  TEST_CASE("a header longer than the file or the limit is refused before it is read") {
    const Scratch scratch;
    CHECK(contains(reading(scratch, length_of(~std::uint64_t{0}) + "{}").message, "claims"));
    CHECK(contains(reading(scratch, length_of(3) + "{}").message, "claims"));
    const auto path = scratch.file("huge", length_of(std::uint64_t{17} << 20) + "{}");
    std::filesystem::resize_file(path, std::uintmax_t{20} << 20);
    CHECK(contains(outcome([&] { read_safetensors(path, Checksums::ignored); }).message, "claims"));
  }
  TEST_CASE("more tensors than the limit are refused") {
    const Scratch scratch;
    std::string header = "{";
    for (int i = 0; i <= 100'000; ++i) header += format(R"("{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}},)", i);
    header.back() = '}';
    CHECK(contains(reading(scratch, file_of(header, 0)).message, "more than 100000"));
  }
  TEST_CASE("contents that contradict themselves are not written") {
    const Scratch scratch;
    SafeTensors twice{{}, {tensor_of("a", DType::u8, {1}), tensor_of("a", DType::u8, {1})}};
    CHECK_THROWS_AS(write_safetensors(scratch / "t", twice), std::logic_error);
    SafeTensors wrong{{}, {tensor_of("a", DType::u8, {1})}};
    wrong.tensors[0].dims = {2};
    CHECK_THROWS_AS(write_safetensors(scratch / "t", wrong), std::logic_error);
    CHECK(scratch.entries() == 0);
  }
  TEST_CASE("a shape prints as its sizes from the outermost") { CHECK(to_string(Shape{64, 28, 28, 1}) == "64x28x28x1"); }
}
