#include "base/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>

#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

TEST_SUITE("fast") {
  TEST_CASE("a written file reads back, replaces its predecessor and leaves no temporary") {
    const Scratch scratch;
    write_file(scratch / "a", "first");
    const std::string one = "one ", two = "two";
    const std::array<std::span<const std::byte>, 3> parts{std::as_bytes(std::span(one)), std::span<const std::byte>{},
                                                          std::as_bytes(std::span(two))};
    write_file(scratch / "a", parts);
    CHECK(text_of(scratch / "a") == "one two");
    CHECK(scratch.entries() == 1);
  }
  TEST_CASE("what killed processes left half written is removed, what is being written and what others hide is not") {
    const Scratch scratch;
    scratch.file(".0123456789abcdef.fgan-tmp", "half");
    scratch.file(".hidden", "of somebody else");
    scratch.file("visible.fgan-tmp", "of somebody else");
    OutputFile file(scratch / "a");
    file.write(std::as_bytes(std::span("whole", 5)));
    REQUIRE(scratch.entries() == 4);
    remove_temporaries(scratch.folder());
    CHECK(scratch.entries() == 3);
    file.commit();
    CHECK(text_of(scratch / "a") == "whole");
    CHECK(files_in(scratch.folder()) == std::vector{scratch / ".hidden", scratch / "a", scratch / "visible.fgan-tmp"});
  }
  TEST_CASE("a folder that is not there has no files, one that cannot be listed is a data error") {
    const Scratch scratch;
    CHECK(files_in(scratch / "missing").empty());
    CHECK(outcome([&] { files_in(scratch.file("plain", "")); }).exit == Exit::data);
  }
  TEST_CASE("writing where it is impossible is an output error that names the path and leaves nothing behind") {
    const Scratch scratch;
    std::filesystem::create_directory(scratch / "folder");
    for (const auto& path : {scratch / "missing/a", scratch / "folder"}) {
      const Outcome result = outcome([&] { write_file(path, "x"); });
      CHECK(result.exit == Exit::output);
      CHECK(contains(result.message, path.string()));
    }
    CHECK(scratch.entries() == 1);
    CHECK(outcome([&] { LineFile file(scratch / "missing/a"); }).exit == Exit::output);
    CHECK(outcome([&] { make_folder(scratch.file("plain", "") / "below"); }).exit == Exit::output);
    CHECK(outcome([&] { make_folder(scratch / "plain"); }).exit == Exit::output);
  }
  TEST_CASE("a write that fails halfway keeps the old file and removes the temporary") {
    const Scratch scratch;
    scratch.file("a", "old");
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Outcome result = outcome([&] { write_file(scratch / "a", std::string(5000, 'x')); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(result.exit == Exit::output);
    CHECK(contains(result.message, "File too large"));
    CHECK(text_of(scratch / "a") == "old");
    CHECK(scratch.entries() == 1);
  }
  TEST_CASE("a file written in pieces appears with commit, or not at all") {
    const Scratch scratch;
    scratch.file("a", "old");
    {
      OutputFile file(scratch / "a");
      file.write(std::as_bytes(std::span("half", 4)));
      CHECK(text_of(scratch / "a") == "old");
    }
    CHECK(text_of(scratch / "a") == "old");
    CHECK(scratch.entries() == 1);
    OutputFile file(scratch / "a");
    file.write(std::as_bytes(std::span("new", 3)));
    file.commit();
    CHECK(text_of(scratch / "a") == "new");
    CHECK(scratch.entries() == 1);
  }
  TEST_CASE("a full device is an output error, and a device is written to, not replaced") {
    CHECK(contains(outcome([] { write_file("/dev/full", "x"); }).message, "No space left on device"));
    write_file("/dev/null", "x");
    CHECK(std::filesystem::is_character_file("/dev/null"));
  }
  TEST_CASE("reading what is missing, a folder or too large is a data error that names the path") {
    const Scratch scratch;
    scratch.file("a", "12345");
    for (const auto& path : {scratch / "missing", scratch.folder(), scratch / "a"}) {
      const Outcome result = outcome([&] { read_file(path, 4); });
      CHECK(result.exit == Exit::data);
      CHECK(contains(result.message, path.string()));
    }
    CHECK(read_file(scratch / "a", 5).size() == 5);
    CHECK(read_file(scratch.file("empty", ""), 0).empty());
  }
  TEST_CASE("what has no size beforehand is read whole, and limited") {
    CHECK(read_file("/proc/self/status", 1 << 20).size() > 100);
    CHECK(outcome([] { read_file("/dev/zero", 10'000); }).exit == Exit::data);
  }
  TEST_CASE("pieces of a file are read exactly or not at all") {
    const Scratch scratch;
    const InputFile file(scratch.file("a", "0123456789"));
    std::array<std::byte, 4> piece{};
    file.read(6, piece);
    CHECK(std::to_integer<char>(piece[3]) == '9');
    CHECK(outcome([&] { file.read(7, piece); }).exit == Exit::data);
    REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
    CHECK(outcome([&] { InputFile special("/dev/null"); }).exit == Exit::data);
    CHECK(outcome([&] { InputFile special(scratch / "pipe"); }).exit == Exit::data);
  }
  TEST_CASE("lines are appended to what a file holds") {
    const Scratch scratch;
    scratch.file("log", "old\n");
    LineFile file(scratch / "log");
    file.append("new");
    CHECK(text_of(scratch / "log") == "old\nnew\n");
  }
  TEST_CASE("a line that a crash has torn is ended before the next one") {
    const Scratch scratch;
    LineFile(scratch.file("log", "old\nto")).append("new");
    CHECK(text_of(scratch / "log") == "old\nto\nnew\n");
  }
  TEST_CASE("folders are made with their parents, and again without complaint") {
    const Scratch scratch;
    make_folder(scratch / "a/b/c");
    make_folder(scratch / "a/b/c");
    make_folder(scratch / "a/d/");
    CHECK(std::filesystem::is_directory(scratch / "a/b/c"));
    CHECK(std::filesystem::is_directory(scratch / "a/d"));
    CHECK(outcome([] { make_folder(""); }).exit == Exit::output);
  }
}
