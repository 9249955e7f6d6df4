// Raw descriptors: streams hide which write failed (an injected error on one of write and writev is invisible through std::ofstream).
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

[[noreturn]] void cannot(Exit exit, const char* verb, const fs::path& path, int error) {
  fail(exit, "cannot {} '{}': {}", verb, path.string(), reason(error));
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

int open_retrying(const fs::path& path, int flags, mode_t mode = 0666) {
  int descriptor;
  do descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

int open_to_read(const fs::path& path, struct stat& status) {
  Descriptor file(open_retrying(path, O_RDONLY));
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) cannot(Exit::data, "read", path, errno);
  if (S_ISDIR(status.st_mode)) cannot(Exit::data, "read", path, EISDIR);
  return file.release();
}

[[noreturn]] void too_large(const fs::path& path, std::uintmax_t limit) {
  fail(Exit::data, "cannot read '{}': it is larger than {} bytes", path.string(), limit);
}

// write() takes at most 2 GiB at once and may take less; false leaves the reason in errno.
bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor, bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 30));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

void flush_folder(const fs::path& folder) {
  Descriptor file(open_retrying(folder, O_RDONLY | O_DIRECTORY));
  if (file.get() < 0) cannot(Exit::output, "open folder", folder, errno);
  // EINVAL: a file system that does not flush folders (some network and FUSE ones).
  if (::fsync(file.get()) != 0 && errno != EINVAL) cannot(Exit::output, "flush folder", folder, errno);
}

// A hidden file that did not exist before.
int create_temporary(const fs::path& temporary, const fs::path& target) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  int descriptor = open_retrying(temporary, flags);
  if (descriptor < 0 && errno == EEXIST && ::unlink(temporary.c_str()) == 0) {
    descriptor = open_retrying(temporary, flags);  // left by a killed process with our number: in containers that is the rule
  }
  if (descriptor < 0) cannot(Exit::output, "write", target, errno);
  return descriptor;
}

bool is_special(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path, std::uintmax_t limit) {
  struct stat status {};
  const Descriptor file(open_to_read(path, status));
  const auto expected = static_cast<std::uintmax_t>(status.st_size);
  if (expected > limit) too_large(path, limit);
  // One byte more than expected, so that the usual file takes one read and the end is seen; what has no size (pipes, /proc) grows.
  std::vector<std::byte> bytes(expected + 1);
  for (std::size_t filled = 0;;) {
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2 + 4096);
    const ssize_t got = ::read(file.get(), bytes.data() + filled, std::min<std::size_t>(bytes.size() - filled, 1u << 30));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) cannot(Exit::data, "read", path, errno);
    filled += static_cast<std::size_t>(got);
    if (filled > limit) too_large(path, limit);
    if (got == 0) {
      bytes.resize(filled);
      return bytes;
    }
  }
}

InputFile::InputFile(const fs::path& path) : path_(path) {
  struct stat status {};
  Descriptor file(open_to_read(path, status));
  if (!S_ISREG(status.st_mode)) fail(Exit::data, "cannot read '{}': it is not a regular file", path.string());
  size_ = static_cast<std::uintmax_t>(status.st_size);
  descriptor_ = file.release();
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(std::uintmax_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor_, out.data(), std::min<std::size_t>(out.size(), 1u << 30), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) cannot(Exit::data, "read", path_, errno);
    if (got == 0) fail(Exit::data, "cannot read '{}': it ends at byte {}, {} bytes too early", path_.string(), offset, out.size());
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uintmax_t>(got);
  }
}

OutputFile::OutputFile(const fs::path& path) : path_(path) {
  if (is_special(path)) {
    descriptor_ = open_retrying(path, O_WRONLY);
    if (descriptor_ < 0) cannot(Exit::output, "write", path, errno);
    return;
  }
  const fs::path temporary = folder_of(path) / format(".{}.{}.tmp", path.filename().string(), ::getpid());
  descriptor_ = create_temporary(temporary, path);
  temporary_ = temporary;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
  if (!write_all(descriptor_, bytes)) cannot(Exit::output, "write", path_, errno);
}

void OutputFile::commit() {
  const bool renames = !temporary_.empty();
  if (renames && ::fsync(descriptor_) != 0) cannot(Exit::output, "flush", path_, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) cannot(Exit::output, "close", path_, errno);
  if (!renames) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) cannot(Exit::output, "write", path_, errno);
  temporary_.clear();
  flush_folder(folder_of(path_));
}

void write_file(const fs::path& path, std::span<const std::span<const std::byte>> parts) {
  OutputFile file(path);
  for (const auto part : parts) file.write(part);
  file.commit();
}

void write_file(const fs::path& path, std::string_view text) {
  const std::span<const std::byte> part = std::as_bytes(std::span(text));
  write_file(path, std::span(&part, 1));
}

LineFile::LineFile(const fs::path& path) : path_(path), descriptor_(open_retrying(path, O_WRONLY | O_CREAT | O_APPEND)) {
  if (descriptor_ < 0) cannot(Exit::output, "open", path, errno);
}

LineFile::~LineFile() { ::close(descriptor_); }

void LineFile::append(std::string_view line) {
  std::string text(line);
  text += '\n';
  if (!write_all(descriptor_, std::as_bytes(std::span(text)))) cannot(Exit::output, "write", path_, errno);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail(Exit::output, "cannot create the folder '{}': {}", path.string(), error.message());
  if (!fs::is_directory(path, error)) fail(Exit::output, "cannot create the folder '{}': a file of that name is in the way", path.string());
}

}  // namespace fgan
