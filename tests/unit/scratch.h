// A folder of its own for one test case, removed with everything in it, and small files to put there.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace fgan::test {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "fgan-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    folder_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path file(std::string_view name, std::string_view content) const {
    std::filesystem::remove(folder_ / name);                     // ext4 flushes a file that is cut to nothing and written again
    std::ofstream(folder_ / name, std::ios::binary) << content;  // not write_file, which waits for the disk
    return folder_ / name;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path folder_;
};

inline std::string text_of(const std::filesystem::path& path) {
  const auto bytes = read_file(path, 1 << 30);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Outcome {
  Exit exit;
  std::string message;
};

// How a call ends; anything but an Error passes through and fails the test.
template <class F>
Outcome outcome(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.exit(), error.what()};
  }
  return {Exit::done, ""};
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
}

inline std::string idx(std::uint32_t magic, std::initializer_list<std::uint32_t> sizes, std::string_view bytes) {
  std::string file = big_endian(magic);
  for (const std::uint32_t size : sizes) file += big_endian(size);
  return file.append(bytes);
}

// Image i, pixel p is (7 i + p) mod 256.
inline std::string idx_images(std::uint32_t count, std::uint32_t height, std::uint32_t width) {
  std::string pixels;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t p = 0; p < height * width; ++p) pixels += static_cast<char>(7 * i + p);
  }
  return idx(0x0803, {count, height, width}, pixels);
}

inline std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace fgan::test
