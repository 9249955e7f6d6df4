#include "base/text.h"

#include <doctest/doctest.h>

#include <array>

using namespace fgan;

namespace {
constexpr std::array<std::string_view, 4> kNames{"kl", "reverse-kl", "pearson", "jensen-shannon"};
}

TEST_SUITE("fast") {
  TEST_CASE("the nearest name forgives two slips, swapped letters and capitals") {
    CHECK(nearest("pearson", kNames) == "pearson");
    CHECK(nearest("paerson", kNames) == "pearson");
    CHECK(nearest("PEARSON", kNames) == "pearson");
    CHECK(nearest("reverse_kl", kNames) == "reverse-kl");
    CHECK(nearest("jenson-shanon", kNames) == "jensen-shannon");
  }
  TEST_CASE("a word that resembles nothing has no nearest name") {
    CHECK(nearest("hellinger", kNames).empty());
    CHECK(nearest("xy", kNames).empty());
    CHECK(nearest("", kNames).empty());
    CHECK(suggestion("hellinger", kNames).empty());
    CHECK(suggestion("persn", kNames) == "; did you mean 'pearson'?");
  }
  TEST_CASE("alternatives are listed with or before the last") {
    const std::span<const std::string_view> names(kNames);
    CHECK(one_of(names.first(0)) == "");
    CHECK(one_of(names.first(1)) == "kl");
    CHECK(one_of(names.first(2)) == "kl or reverse-kl");
    CHECK(one_of(names.first(3)) == "kl, reverse-kl or pearson");
  }
  TEST_CASE("one thing is counted in the singular") {
    CHECK(counted(1, "class", "classes") == "1 class");
    CHECK(counted(0, "class", "classes") == "0 classes");
    CHECK(counted(12, "class", "classes") == "12 classes");
  }
  TEST_CASE("nothing printable steers a terminal, and letters of all languages stay") {
    CHECK(printable("a\nb\x1b[31m\x7f\t") == "a?b?[31m??");
    CHECK(printable("\xc2\x9b"
                    "31m \x9b"
                    "31m") == "??31m ?31m");  // CSI as one character, and as one byte
    CHECK(printable("Gr\xc3\xb6\xc3\x9f"
                    "e \xe4\xbd\xa0 \xf0\x9f\x8e\xb2") ==
          "Gr\xc3\xb6\xc3\x9f"
          "e \xe4\xbd\xa0 \xf0\x9f\x8e\xb2");
    CHECK(printable("\xc1\x9b \xe0\x80\x9b \xed\xa0\x80 \xf4\x90\x80\x80 \xff") == "?? ??? ??? ???? ?");  // too long, surrogates, too large
    CHECK(printable("\xe4\xbd") == "??");
    CHECK(printable("\xc3(") == "?(");
    CHECK(printable("") == "");
  }
}
