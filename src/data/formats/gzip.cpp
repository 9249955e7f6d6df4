#include "data/formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

#include "base/error.h"
#include "base/file.h"

namespace fgan {

GzipFile::GzipFile(const std::filesystem::path& path) : stored_bytes_(InputFile(path).size()) {  // which says what is wrong with the path
  file_ = ::gzopen(path.c_str(), "rbe");
  if (file_ == nullptr && errno == 0) throw std::bad_alloc();
  if (file_ == nullptr) fail(Exit::data, "cannot read '{}': {}", path.string(), std::generic_category().message(errno));
  ::gzbuffer(file_, 1 << 18);
  packed_ = ::gzdirect(file_) == 0;
}

GzipFile::~GzipFile() { ::gzclose_r(file_); }

std::size_t GzipFile::read(std::span<std::byte> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const auto wanted = static_cast<unsigned>(std::min<std::size_t>(out.size() - filled, 1u << 30));
    const int got = ::gzread(file_, out.data() + filled, wanted);
    if (got > 0) filled += static_cast<std::size_t>(got);
    if (got == static_cast<int>(wanted)) continue;
    int code = Z_OK;
    ::gzerror(file_, &code);
    if (code == Z_BUF_ERROR) fail(Exit::data, "its gzip archive is cut off");
    if (code == Z_ERRNO) fail(Exit::data, "reading failed: {}", std::generic_category().message(errno));
    if (code != Z_OK && code != Z_STREAM_END) fail(Exit::data, "its gzip archive is damaged");
    break;
  }
  return filled;
}

std::uintmax_t GzipFile::most_bytes() const {
  constexpr std::uintmax_t kDeflateLimit = 1032;  // 258 bytes from two bits
  return packed_ ? stored_bytes_ * kDeflateLimit : stored_bytes_;
}

}  // namespace fgan
