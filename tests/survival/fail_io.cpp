// LD_PRELOAD=libfail_io.so: the n-th call on files below a folder fails.
//   FAIL_IO_BELOW   the folder (absolute; the program must name its files absolutely too)
//   FAIL_IO_AT      n, counted from 1; 0: none fails
//   FAIL_IO_WITH    an errno; 0: reads and writes do half of what they are asked for; -1: the process is killed before the call;
//                   -2: a write does half of what it is asked for, then the process is killed
//   FAIL_IO_ALWAYS  1: all later calls fail too
//   FAIL_IO_REPORT  a file: a line "CALL PATH" for each call that failed, with n = 0 for each that was counted
// Calls that give something back (close, unlink) do it before they fail, as the kernel does.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kDescriptors = 4096;
std::array<std::array<char, 512>, kDescriptors> names;  // of the open files below the folder; empty: another file
std::atomic<long> calls = 0;

long number(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtol(text, nullptr, 10) : 0;
}

bool is_below(const char* path) {
  static const char* const folder = std::getenv("FAIL_IO_BELOW");
  return folder != nullptr && path != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool is_below(int descriptor) {
  return descriptor >= 0 && descriptor < kDescriptors && names[static_cast<std::size_t>(descriptor)][0] != 0;
}

const char* name(int descriptor) { return names[static_cast<std::size_t>(descriptor)].data(); }

void remember(int descriptor, const char* path) {
  if (descriptor >= 0 && descriptor < kDescriptors && is_below(path))
    std::snprintf(names[static_cast<std::size_t>(descriptor)].data(), names[0].size(), "%s", path);
}

// By bare system calls: nothing of this may be counted.
void report(const char* call, const char* path) {
  static const char* const file = std::getenv("FAIL_IO_REPORT");
  if (file == nullptr) return;
  std::array<char, 600> line{};
  const int length = std::snprintf(line.data(), line.size(), "%s %s\n", call, path);
  const long descriptor = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0666);
  syscall(SYS_write, descriptor, line.data(), length);
  syscall(SYS_close, descriptor);
}

int error() {
  static const int with = static_cast<int>(number("FAIL_IO_WITH"));
  return with;
}

void kill_process() { syscall(SYS_kill, getpid(), SIGKILL); }

bool fails(const char* call, const char* path) {
  static const long at = number("FAIL_IO_AT"), always = number("FAIL_IO_ALWAYS");
  const long count = ++calls;
  const bool now = at > 0 && (count == at || (always != 0 && count > at));
  if (now || at == 0) report(call, path);
  if (now && error() == -1) kill_process();
  return now;
}

template <class F>
F* next(const char* call, F*) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, call));
}
#define NEXT(call) (next(#call, &(call)))

// Whether the call is over: it failed.  A short transfer is none; calls that transfer nothing are not changed by it.
bool over(const char* call, const char* path) {
  if (!fails(call, path) || error() <= 0) return false;
  errno = error();
  return true;
}

template <class Transfer>
ssize_t transfer(const char* call, int descriptor, std::size_t count, Transfer real) {
  if (!is_below(descriptor) || !fails(call, name(descriptor))) return real(count);
  if (error() <= 0) {
    const ssize_t half = real(count > 1 ? count / 2 : count);
    if (error() == -2) kill_process();
    return half;
  }
  errno = error();
  return -1;
}

template <class Open>
int opened(const char* call, const char* path, Open real) {
  if (is_below(path) && over(call, path)) return -1;
  const int descriptor = real();
  remember(descriptor, path);
  return descriptor;
}

mode_t mode_in(int flags, va_list arguments) { return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0; }

const char* kind_of_open(int flags) { return (flags & O_ACCMODE) == O_RDONLY ? "open-to-read" : "open-to-write"; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_in(flags, arguments);
  va_end(arguments);
  return opened(kind_of_open(flags), path, [&] { return NEXT(open)(path, flags, mode); });
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_in(flags, arguments);
  va_end(arguments);
  return opened(kind_of_open(flags), path, [&] { return NEXT(openat)(folder, path, flags, mode); });
}

int open64(const char* path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char* path, int flags, ...) __attribute__((alias("openat")));

int close(int descriptor) {
  if (!is_below(descriptor)) return NEXT(close)(descriptor);
  const long flags = syscall(SYS_fcntl, descriptor, F_GETFL);
  const bool failed = over((flags & O_ACCMODE) == O_RDONLY ? "close-read" : "close-written", name(descriptor));
  const int reason = errno;
  names[static_cast<std::size_t>(descriptor)][0] = 0;
  const int result = NEXT(close)(descriptor);
  if (failed) errno = reason;
  return failed ? -1 : result;
}

ssize_t read(int descriptor, void* to, std::size_t count) {
  return transfer("read", descriptor, count, [&](std::size_t n) { return NEXT(read)(descriptor, to, n); });
}
ssize_t pread(int descriptor, void* to, std::size_t count, off_t at) {
  return transfer("read", descriptor, count, [&](std::size_t n) { return NEXT(pread)(descriptor, to, n, at); });
}
ssize_t __read_chk(int descriptor, void* to, std::size_t count, std::size_t) { return read(descriptor, to, count); }
ssize_t __pread_chk(int descriptor, void* to, std::size_t count, off_t at, std::size_t) { return pread(descriptor, to, count, at); }
ssize_t pread64(int descriptor, void* to, std::size_t count, off_t at) __attribute__((alias("pread")));

ssize_t write(int descriptor, const void* from, std::size_t count) {
  return transfer("write", descriptor, count, [&](std::size_t n) { return NEXT(write)(descriptor, from, n); });
}
ssize_t pwrite(int descriptor, const void* from, std::size_t count, off_t at) {
  return transfer("write", descriptor, count, [&](std::size_t n) { return NEXT(pwrite)(descriptor, from, n, at); });
}
ssize_t pwrite64(int descriptor, const void* from, std::size_t count, off_t at) __attribute__((alias("pwrite")));

int fsync(int descriptor) { return is_below(descriptor) && over("fsync", name(descriptor)) ? -1 : NEXT(fsync)(descriptor); }
int ftruncate(int descriptor, off_t size) {
  return is_below(descriptor) && over("ftruncate", name(descriptor)) ? -1 : NEXT(ftruncate)(descriptor, size);
}
off_t lseek(int descriptor, off_t at, int whence) {
  return is_below(descriptor) && over("lseek", name(descriptor)) ? -1 : NEXT(lseek)(descriptor, at, whence);
}
off_t lseek64(int descriptor, off_t at, int whence) __attribute__((alias("lseek")));
int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const bool locks = command == F_OFD_SETLK && is_below(descriptor);
  return locks && over("lock", name(descriptor)) ? -1 : NEXT(fcntl)(descriptor, command, argument);
}
int fcntl64(int descriptor, int command, ...) __attribute__((alias("fcntl")));

int rename(const char* from, const char* to) { return is_below(to) && over("rename", to) ? -1 : NEXT(rename)(from, to); }
int mkdir(const char* path, mode_t mode) { return is_below(path) && over("mkdir", path) ? -1 : NEXT(mkdir)(path, mode); }
int unlink(const char* path) { return is_below(path) && over("unlink", path) ? -1 : NEXT(unlink)(path); }
int remove(const char* path) { return is_below(path) && over("unlink", path) ? -1 : NEXT(remove)(path); }

int stat(const char* path, struct stat* status) { return is_below(path) && over("stat", path) ? -1 : NEXT(stat)(path, status); }
int stat64(const char* path, struct stat64* status) { return is_below(path) && over("stat", path) ? -1 : NEXT(stat64)(path, status); }
int fstat(int descriptor, struct stat* status) {
  return is_below(descriptor) && over("stat", name(descriptor)) ? -1 : NEXT(fstat)(descriptor, status);
}
int fstat64(int descriptor, struct stat64* status) {
  return is_below(descriptor) && over("stat", name(descriptor)) ? -1 : NEXT(fstat64)(descriptor, status);
}

DIR* fdopendir(int descriptor) { return is_below(descriptor) && over("list", name(descriptor)) ? nullptr : NEXT(fdopendir)(descriptor); }
DIR* opendir(const char* path) {
  if (is_below(path) && over("list", path)) return nullptr;
  DIR* folder = NEXT(opendir)(path);
  if (folder != nullptr) remember(dirfd(folder), path);
  return folder;
}
dirent* readdir(DIR* folder) { return is_below(dirfd(folder)) && over("list", name(dirfd(folder))) ? nullptr : NEXT(readdir)(folder); }
dirent64* readdir64(DIR* folder) {
  return is_below(dirfd(folder)) && over("list", name(dirfd(folder))) ? nullptr : NEXT(readdir64)(folder);
}
int closedir(DIR* folder) {
  const int descriptor = dirfd(folder);
  if (is_below(descriptor)) names[static_cast<std::size_t>(descriptor)][0] = 0;
  return NEXT(closedir)(folder);
}

}  // extern "C"
