// A file read from front to back, unpacked on the way when its content is gzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

struct gzFile_s;

namespace fgan {

class GzipFile {
 public:
  explicit GzipFile(const std::filesystem::path& path);  // throws Error(data)
  ~GzipFile();
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  // Bytes put into `out`: fewer than its size only at the end.  Throws Error(data) when the archive is damaged or cut off.
  std::size_t read(std::span<std::byte> out);
  bool is_packed() const { return packed_; }
  std::uintmax_t stored_bytes() const { return stored_bytes_; }  // of the file as it is
  std::uintmax_t most_bytes() const;                             // that reading can yield at most

 private:
  gzFile_s* file_ = nullptr;
  std::uintmax_t stored_bytes_ = 0;
  bool packed_ = false;
};

}  // namespace fgan
