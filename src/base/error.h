// Errors: fgan::Error for what users and environments do wrong (a full sentence that names the value and the remedy, and the exit
// code the program ends with), FGAN_CHECK for broken contracts of our own.
#pragma once

#include <stdexcept>
#include <string>

#include "base/format.h"

namespace fgan {

// The exit codes of the program (docs/exit-codes: scripts rely on them).
enum class Exit : int {
  done = 0,
  internal = 1,
  usage = 2,     // command line or configuration
  data = 3,      // input data or checkpoint missing, empty or damaged
  output = 4,    // output cannot be written
  diverged = 5,  // training diverged by policy
  device = 6,    // device or memory
  stopped = 75,  // stopped on request with a complete checkpoint: run the same command again
};

class Error : public std::runtime_error {
 public:
  Error(Exit exit, const std::string& message) : std::runtime_error(message), exit_(exit) {}
  Exit exit() const { return exit_; }

 private:
  Exit exit_;
};

template <class... Args>
[[noreturn]] void fail(Exit exit, fmt::format_string<Args...> text, Args&&... args) {
  throw Error(exit, fmt::format(text, std::forward<Args>(args)...));
}

[[noreturn]] inline void broken_contract(const char* file, int line, const char* condition, const std::string& message) {
  throw std::logic_error(format("{}:{}: {} does not hold: {}", file, line, condition, message));
}

}  // namespace fgan

#define FGAN_CHECK(condition, ...)                                                                          \
  do {                                                                                                      \
    if (!(condition)) ::fgan::broken_contract(__FILE__, __LINE__, #condition, ::fgan::format(__VA_ARGS__)); \
  } while (false)
