// Open file description locks: docs/decisions/0061 says why not flock() or plain fcntl() locks.
#include "base/lock.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <string>

#include "base/descriptor.h"
#include "base/log.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;

LockResult result_of(int returned) {
  if (returned == 0) return LockResult::taken;
  return errno == EAGAIN || errno == EACCES ? LockResult::held_by_another : LockResult::impossible;
}

std::string holder_in(int descriptor) {
  std::array<char, 300> text{};
  const ssize_t length = retrying([&] { return ::pread(descriptor, text.data(), text.size(), 0); });
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "another process";
}

// For the message that others get; nothing else depends on it.
void name_holder(int descriptor) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host = {"an unknown host"};
  const std::string text = format("process {} on {}", ::getpid(), host.data());
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) < 0)
    log::debug("the lock does not name its holder");
}

// Whether the name still leads to the file: the holder before us removed it between our open and our lock, or it did not.
bool leads_to(const fs::path& path, int descriptor) {
  struct stat by_name {
  }, by_descriptor{};
  if (::fstat(descriptor, &by_descriptor) != 0) cannot(Exit::output, "lock", path, errno);
  if (::stat(path.c_str(), &by_name) != 0) {
    if (errno == ENOENT) return false;
    cannot(Exit::output, "lock", path, errno);
  }
  return by_name.st_dev == by_descriptor.st_dev && by_name.st_ino == by_descriptor.st_ino;
}

}  // namespace

LockResult try_lock(int descriptor) {
#if defined(F_OFD_SETLK)
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const int locked = retrying([&] { return ::fcntl(descriptor, F_OFD_SETLK, &whole); });
  if (locked == 0 || errno != EINVAL) return result_of(locked);
#endif
  return result_of(retrying([&] { return ::flock(descriptor, LOCK_EX | LOCK_NB); }));  // a kernel without the other kind
}

FolderLock::FolderLock(const fs::path& folder) : path_(folder / kName) {
  for (;;) {
    Descriptor file(open_retrying(path_, O_RDWR | O_CREAT | O_NOFOLLOW));
    if (file.get() < 0 && (errno == EROFS || errno == EACCES)) return;  // nobody can write here, we neither
    if (file.get() < 0) cannot(Exit::output, "lock", path_, errno);
    const LockResult result = try_lock(file.get());
    if (result == LockResult::held_by_another)
      fail(Exit::output, "'{}' is in use by {}: wait until it ends, or name another folder with --out", folder.string(),
           holder_in(file.get()));
    if (result == LockResult::impossible)
      log::warn("'{}' is on a file system without locks: see to it that nobody else writes there", folder.string());
    if (!leads_to(path_, file.get())) continue;
    name_holder(file.get());
    descriptor_ = file.release();
    return;
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace fgan
