// What the INI reader understands, and that it names the line of what it does not.
#include <doctest/doctest.h>

#include "base/error.h"
#include "config/ini.h"

namespace fgan {
namespace {

std::string message_of(const std::string& text) {
  try {
    parse_ini(text, "f.ini");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    return error.what();
  }
  return "";
}

std::string only_value(const std::string& text) {
  const std::vector<IniLine> lines = parse_ini(text, "f.ini");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].key.empty());
  return lines[1].value;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("an INI file with BOM, CRLF, comments, indentation and no last newline reads as without them") {
    const auto lines =
        parse_ini("\xEF\xBB\xBF; head\r\n\r\n [train] # why\r\n  steps = 5 ; five\r\n\tbatch=7#\r\n[log]\r\n[train]\r\nseed =", "f.ini");
    REQUIRE(lines.size() == 6);
    CHECK(lines[1].section == "train");
    CHECK(lines[1].key == "steps");
    CHECK(lines[1].value == "5");
    CHECK(lines[1].number == 4);
    CHECK(lines[2].value == "7#");
    CHECK(lines[3].section == "log");
    CHECK(lines[5].section == "train");
    CHECK(lines[5].number == 8);
    CHECK(lines[5].value.empty());
  }

  TEST_CASE("INI values of any length and content up to the limit come through inih unchanged") {
    for (const std::string piece : {"a", "0 1, ", "x; y# ", "a;#", "=[]:\"'\\"}) {
      std::string value;
      for (int length = 0; length < 500; ++length) value += piece;
      value += "end";
      if (piece != "x; y# ") CHECK(only_value("[data]\nmeans = " + value) == value);
    }
    const std::string spaces(3000, ' ');
    CHECK(only_value("[data]\nmeans=a" + spaces + "b") == "a" + spaces + "b");
  }

  TEST_CASE("INI lines that are not understood are errors with their number") {
    CHECK(message_of("[a]\n\nword\n") == "f.ini:3: expected key = value, found 'word'");
    CHECK(message_of("[a]\nk: v\n") == "f.ini:2: expected key = value, found 'k: v'");
    CHECK(message_of("[a]\nk:l = v\n") == "f.ini:2: expected key = value, found ':' in 'k:l'");
    CHECK(message_of("[a]\n = v\n") == "f.ini:2: expected key = value, found no key before '='");
    CHECK(message_of("[a\nk = v\n") == "f.ini:1: expected [section], found '[a'");
    CHECK(message_of("[a] b\n") == "f.ini:1: expected [section], found '[a] b'");
    CHECK(message_of("k = v\n") == "f.ini:1: 'k = v' comes before the first [section]");
    CHECK(message_of("[a]\nk = 1\n[b]\nk = 1\n[a]\nk = 2\n") == "f.ini:6: duplicate key 'k' in [a]: first in line 2");
    CHECK(message_of("[a]\n" + std::string(60, 'k') + " = 1\n").starts_with("f.ini:2: unknown key 'kkk"));
    CHECK(message_of("[a]\nk = " + std::string(40000, 'v') + "\n") == "f.ini:2: the line is longer than 16384 bytes");
  }

  TEST_CASE("a binary file is no INI file") {
    CHECK(message_of(std::string("\x89PNG\r\n\x1a\n\0\0", 10)).find("f.ini:2: byte 0x1a") == 0);
    CHECK(message_of(std::string("[a]\nk = \0", 9)).find("f.ini:2: byte 0x00") == 0);
  }
}

}  // namespace fgan
