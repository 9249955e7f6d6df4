#include "base/lock.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

TEST_SUITE("fast") {
  TEST_CASE("a folder has one writer at a time, who is named to the next") {
    const Scratch scratch;
    {
      const FolderLock first(scratch.folder());
      const Outcome second = outcome([&] { FolderLock lock(scratch.folder()); });
      CHECK(second.exit == Exit::output);
      CHECK(contains(second.message, format("process {} on ", ::getpid())));
      CHECK(contains(second.message, scratch.folder().string()));
    }
    CHECK(scratch.entries() == 0);
    const FolderLock third(scratch.folder());
    CHECK(scratch.entries() == 1);
  }
  TEST_CASE("a writer that was killed leaves no lock behind") {
    const Scratch scratch;
    const pid_t child = ::fork();
    if (child == 0) {
      const FolderLock lock(scratch.folder());
      ::kill(::getpid(), SIGKILL);
    }
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    CHECK(std::filesystem::exists(scratch / FolderLock::kName));
    CHECK(outcome([&] { FolderLock lock(scratch.folder()); }).exit == Exit::done);
  }
  TEST_CASE("a folder that is not there cannot be locked") {
    const Scratch scratch;
    CHECK(outcome([&] { FolderLock lock(scratch / "missing"); }).exit == Exit::output);
  }
}
