#include <cerrno>
#include <cstdio>
#include <system_error>

#include "app/verbs.h"

namespace fgan {

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written && errno != EPIPE)  // a reader that has seen enough is no error
    fail(Exit::output, "cannot write to the standard output: {}", std::error_code(errno, std::generic_category()).message());
}

Exit run_print(const PrintCommand& command) {
  print(command.text);
  return Exit::done;
}

}  // namespace fgan
