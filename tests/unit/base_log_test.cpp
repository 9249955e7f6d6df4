#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <sstream>

#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

// What goes to stderr while `act` runs.
template <class F>
std::string stderr_of(const std::filesystem::path& path, F&& act) {
  const int original = ::dup(2), file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, 2);
  act();
  ::dup2(original, 2);
  ::close(file);
  ::close(original);
  return text_of(path);
}

// The lines of a log file, each of which must begin with date, time and zone.
std::string without_times(const std::string& text) {
  constexpr std::string_view kForm = "0000-00-00 00:00:00.000 +00:00 ";
  std::istringstream lines(text);
  std::string rest;
  for (std::string line; std::getline(lines, line);) {
    std::string time = line.substr(0, kForm.size());
    std::replace_if(
        time.begin(), time.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
    if (time.size() > 24 && time[24] == '-') time[24] = '+';  // west of Greenwich
    CHECK(time == kForm);
    rest += line.substr(std::min(line.size(), kForm.size())) + '\n';
  }
  return rest;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("lines below the level are kept from the terminal but not from the file") {
    const Scratch scratch;
    log::open_file((scratch / "first").string());  // takes what other cases logged before
    log::close_file();
    const std::string shown = stderr_of(scratch / "stderr", [&] {
      log::open_file((scratch / "log.txt").string());
      log::info("step {}", 1);
      log::debug("detail");
      log::set_level(log::Level::error);
      log::warn("odd");
      log::error("bad");
      log::set_level(log::Level::info);
      log::close_file();
      log::warn("later {{}}");
    });
    CHECK(shown == "step 1\nerror: bad\nwarning: later {}\n");
    const std::string kept = text_of(scratch / "log.txt");
    CHECK(without_times(kept) == "info: step 1\ndebug: detail\nwarning: odd\nerror: bad\n");
  }
  TEST_CASE("the progress line is wiped before each line that is shown, and only then") {
    const Scratch scratch;
    int wiped = 0;
    log::set_before_line([&] { ++wiped; });
    stderr_of(scratch / "stderr", [] {
      log::info("a");
      log::debug("b");
      log::info("c");
    });
    log::set_before_line({});
    CHECK(wiped == 2);
  }
  TEST_CASE("a log file that cannot be opened is an output error, one that fills up is given up with a warning") {
    const Scratch scratch;
    CHECK(outcome([&] { log::open_file((scratch / "missing/log.txt").string()); }).exit == Exit::output);
    const std::string shown = stderr_of(scratch / "stderr", [] {
      log::open_file("/dev/full");
      log::info("a");
      log::info("b");
    });
    CHECK(shown == "a\nwarning: the log file is given up: cannot write '/dev/full': No space left on device\nb\n");
  }
}
