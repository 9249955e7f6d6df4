// One strict reader for each type of option.
#include <doctest/doctest.h>

#include <clocale>
#include <limits>

#include "base/error.h"
#include "config/value.h"

namespace fgan {
namespace {

template <class T>
std::string refusal(std::string_view text, const Option& option = {}) {
  T value{};
  try {
    read_value(text, option, value);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

template <class T>
T value_of(std::string_view text) {
  T value{};
  read_value(text, Option{}, value);
  return value;
}

enum class Fruit { apple, pear_tree };

}  // namespace

template <>
struct EnumNames<Fruit> {
  static constexpr std::array<std::string_view, 2> names{"apple", "pear-tree"};
};

TEST_SUITE("fast") {
  TEST_CASE("numbers are read whole or not at all") {
    CHECK(value_of<std::int64_t>("-12") == -12);
    CHECK(value_of<std::int64_t>("1e6") == 1000000);
    CHECK(value_of<std::int64_t>("9007199254740993") == 9007199254740993);
    CHECK(value_of<double>("1e-3") == 1e-3);
    for (const char* text : {"abc", "", " 1", "1 ", "1x", "0x10", "1,5", "+1", "--1", "nan", "inf", "1_000"}) {
      CAPTURE(text);
      CHECK(refusal<double>(text) == "is not a number");
      CHECK(refusal<std::int64_t>(text) == "is not a whole number");
      CHECK(refusal<int>(text) == "is not a whole number");
    }
    CHECK(refusal<std::int64_t>("1.5") == "is not a whole number");
    CHECK(refusal<std::int64_t>("1e300") == "is too large for a whole number");
    CHECK(refusal<std::int64_t>("99999999999999999999") == "is too large for a whole number");
    CHECK(refusal<int>("3000000000") == "is too large for a whole number");
    CHECK(refusal<double>("1e999") == "is too large or too small for a number");
  }

  TEST_CASE("a value outside its range is told the range and the unit") {
    CHECK(refusal<int>("0", {.key = "", .help = "", .unit = "images", .min = 1, .max = 1 << 20}) ==
          "is outside its range, 1 to 1048576 images");
    CHECK(refusal<double>("-1", {.key = "", .help = "", .min = 0}) == "is outside its range, at least 0");
    CHECK(refusal<double>("2", {.key = "", .help = "", .max = 0.5}) == "is outside its range, at most 0.5");
    CHECK(refusal<std::vector<double>>("1, -1", {.key = "", .help = "", .min = 0}) ==
          "is no list of numbers: '-1' is outside its range, at least 0");
  }

  TEST_CASE("lists, choices, truth and text") {
    CHECK(value_of<std::vector<double>>("1, 2.5,-3") == std::vector<double>{1, 2.5, -3});
    CHECK(refusal<std::vector<double>>("1,,2") == "is no list of numbers: '' is not a number");
    CHECK(refusal<std::vector<double>>("1,") == "is no list of numbers: it ends with a comma");
    CHECK(value_of<Fruit>("pear-tree") == Fruit::pear_tree);
    CHECK(refusal<Fruit>("aple") == "is not one of apple or pear-tree; did you mean 'apple'?");
    CHECK(value_of<bool>("on"));
    CHECK(!value_of<bool>("false"));
    CHECK(refusal<bool>("True") == "is neither true nor false");
    CHECK(value_of<std::string>("a;b#c d") == "a;b#c d");
    CHECK(refusal<std::string>("a ;b") == "holds ';' where an INI file begins a comment");
    CHECK(refusal<std::filesystem::path>("#b") == "holds '#' where an INI file begins a comment");
    CHECK(refusal<std::string>("a\nb") == "holds a control character");
    CHECK(refusal<std::string>(" a") == "begins or ends with a space");
  }

  TEST_CASE("written numbers read back equal in every locale") {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    for (const char* locale : {"C", "de_DE.UTF-8"}) {
      if (std::setlocale(LC_ALL, locale) == nullptr) continue;
      for (const double x : {0.1, 2e-4, 1.0 / 3, 1e-30, 123456789.125, -0.5, std::numeric_limits<double>::max()})
        CHECK(value_of<double>(write_value(x)) == x);
    }
    std::setlocale(LC_ALL, before.c_str());
    CHECK(write_value(std::vector<double>{1, 0.5}) == "1, 0.5");
  }
}

}  // namespace fgan
