// A file descriptor with an owner, and calls that signals may interrupt: for file.cpp and lock.cpp alone.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace fgan {

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
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

// Repeats a call that a signal interrupted.  Without end only a broken file system interrupts: then the call fails with EINTR.
template <class Call>
auto retrying(Call call) {
  auto result = call();
  for (int again = 0; result < 0 && errno == EINTR && again < 1000; ++again) result = call();
  return result;
}

inline int open_retrying(const std::filesystem::path& path, int flags, mode_t mode = 0666) {
  return retrying([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
}

// Error(exit): "cannot write 'NAME': No space left on device".
[[noreturn]] inline void cannot(Exit exit, const char* verb, const std::filesystem::path& path, int error) {
  fail(exit, "cannot {} '{}': {}", verb, path.string(), std::error_code(error, std::generic_category()).message());
}

}  // namespace fgan
