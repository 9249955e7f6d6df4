// Raw descriptors: streams hide which write failed (an injected error on one of write and writev is invisible through std::ofstream).
#include "base/file.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

#include "base/descriptor.h"
#include "base/lock.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kTemporarySuffix = ".fgan-tmp";

int open_to_read(const fs::path& path, struct stat& status, int flags = 0) {
  Descriptor file(open_retrying(path, O_RDONLY | flags));
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
    const ssize_t done = retrying([&] { return ::write(descriptor, bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 30)); });
    if (done == 0) errno = ENOSPC;  // no system call promises progress
    if (done <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

// Repeated when interrupted and never after another failure: the data may be lost for good then, and a second fsync would not say so.
int flush(int descriptor) {
  return retrying([&] { return ::fsync(descriptor); });
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

void flush_folder(const fs::path& folder) {
  Descriptor file(open_retrying(folder, O_RDONLY | O_DIRECTORY));
  if (file.get() < 0) cannot(Exit::output, "open folder", folder, errno);
  // EINVAL: a file system that does not flush folders (some network and FUSE ones).
  if (flush(file.get()) != 0 && errno != EINVAL) cannot(Exit::output, "flush folder", folder, errno);
}

// Hidden, and of a name that no other process has, on whatever host: numbers of processes are equal there, in containers even as a rule.
fs::path temporary_for(const fs::path& target) {
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) cannot(Exit::output, "write", target, errno);
  return folder_of(target) / format(".{:016x}{}", random, kTemporarySuffix);
}

// With its parents.  False leaves the reason in errno.
bool create_folder(const fs::path& path) {
  const fs::path parent = folder_of(path);
  int made = ::mkdir(path.c_str(), 0777);
  if (made != 0 && errno == ENOENT && parent != path && create_folder(parent)) made = ::mkdir(path.c_str(), 0777);
  if (made == 0) {
    flush_folder(parent);
    return true;
  }
  const int reason = errno;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return true;
  errno = reason;
  return false;
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
    const ssize_t got =
        retrying([&] { return ::read(file.get(), bytes.data() + filled, std::min<std::size_t>(bytes.size() - filled, 1u << 30)); });
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
  Descriptor file(open_to_read(path, status, O_NONBLOCK));  // a pipe that nobody writes to would be waited for
  if (!S_ISREG(status.st_mode)) fail(Exit::data, "cannot read '{}': it is not a regular file", path.string());
  size_ = static_cast<std::uintmax_t>(status.st_size);
  descriptor_ = file.release();
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(std::uintmax_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got =
        retrying([&] { return ::pread(descriptor_, out.data(), std::min<std::size_t>(out.size(), 1u << 30), static_cast<off_t>(offset)); });
    if (got < 0) cannot(Exit::data, "read", path_, errno);
    if (got == 0) fail(Exit::data, "cannot read '{}': it ends at byte {}, {} bytes too early", path_.string(), offset, out.size());
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uintmax_t>(got);
  }
}

void InputFile::prefetch(std::uintmax_t offset, std::uintmax_t bytes) const {
  ::posix_fadvise(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);  // no more than a hint
}

OutputFile::OutputFile(const fs::path& path) : path_(path) {
  if (is_special(path)) {
    descriptor_ = open_retrying(path, O_WRONLY);
    if (descriptor_ < 0) cannot(Exit::output, "write", path, errno);
    return;
  }
  const fs::path temporary = temporary_for(path);
  descriptor_ = open_retrying(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (descriptor_ < 0) cannot(Exit::output, "write", path, errno);
  temporary_ = temporary;
  try_lock(descriptor_);  // so that remove_temporaries knows that somebody writes it
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
  if (!write_all(descriptor_, bytes)) cannot(Exit::output, "write", path_, errno);
}

void OutputFile::write_at(std::uintmax_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = retrying(
        [&] { return ::pwrite(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 30), static_cast<off_t>(offset)); });
    if (done == 0) errno = ENOSPC;
    if (done <= 0) cannot(Exit::output, "write", path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uintmax_t>(done);
  }
}

void OutputFile::commit() {
  const bool renames = !temporary_.empty();
  if (renames && flush(descriptor_) != 0) cannot(Exit::output, "flush", path_, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) cannot(Exit::output, "close", path_, errno);
  if (!renames) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) cannot(Exit::output, "write", path_, errno);
  temporary_.clear();
  flush_folder(folder_of(path_));
}

void check_room(const fs::path& path, std::uintmax_t bytes) {
  struct statvfs status {};
  if (is_special(path) || ::statvfs(folder_of(path).c_str(), &status) != 0 || status.f_blocks == 0) return;
  const std::uintmax_t free = std::uintmax_t{status.f_bavail} * status.f_frsize;
  if (free < bytes + bytes / 10)  // what the file system adds
    fail(Exit::output, "cannot write '{}': No space left on device: it takes {} KiB, and {} KiB are free", path.string(),
         (bytes + 1023) / 1024, free / 1024);
}

void write_file(const fs::path& path, std::span<const std::span<const std::byte>> parts) {
  std::uintmax_t bytes = 0;
  for (const auto part : parts) bytes += part.size();
  check_room(path, bytes);
  OutputFile file(path);
  for (const auto part : parts) file.write(part);
  file.commit();
}

void write_file(const fs::path& path, std::string_view text) {
  const std::span<const std::byte> part = std::as_bytes(std::span(text));
  write_file(path, std::span(&part, 1));
}

LineFile::LineFile(const fs::path& path) : path_(path), descriptor_(open_retrying(path, O_RDWR | O_CREAT | O_APPEND)) {
  if (descriptor_ < 0) cannot(Exit::output, "open", path, errno);
  const off_t end = ::lseek(descriptor_, 0, SEEK_END);
  char last = '\n';
  if (end > 0 && retrying([&] { return ::pread(descriptor_, &last, 1, end - 1); }) == 1 && last != '\n') append("");
}

LineFile::~LineFile() { ::close(descriptor_); }

void LineFile::append(std::string_view line) {
  std::string text(line);
  text += '\n';
  if (!write_all(descriptor_, std::as_bytes(std::span(text)))) cannot(Exit::output, "write", path_, errno);
}

void LineFile::flush() {
  if (fgan::flush(descriptor_) != 0 && errno != EINVAL) cannot(Exit::output, "flush", path_, errno);
  if (!std::exchange(name_flushed_, true)) flush_folder(folder_of(path_));
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  const int listed = retrying([&] {
    std::error_code error;
    files.clear();
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator(); entry.increment(error))
      files.push_back(entry->path());
    errno = error.value();
    return error && error != std::errc::no_such_file_or_directory ? -1 : 0;
  });
  if (listed != 0) cannot(Exit::data, "list folder", folder, errno);
  std::sort(files.begin(), files.end());
  return files;
}

bool is_temporary(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') && name.ends_with(kTemporarySuffix);
}

void remove_temporaries(const fs::path& folder) {
  for (const fs::path& path : files_in(folder)) {
    if (!is_temporary(path)) continue;
    const Descriptor file(open_retrying(path, O_WRONLY | O_NOFOLLOW));
    if (file.get() >= 0 && try_lock(file.get()) != LockResult::held_by_another) ::unlink(path.c_str());
  }
}

void make_folder(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored) || create_folder(path)) return;
  if (errno == EEXIST) fail(Exit::output, "cannot create the folder '{}': a file of that name is in the way", path.string());
  cannot(Exit::output, "create the folder", path, errno);
}

}  // namespace fgan
