#include "config/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace fgan {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53: beyond it "1e17" need not mean what it says

template <class T>
bool read_whole(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

double read_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || text.empty()) fail(Exit::usage, "is not a number");
  if (error == std::errc::result_out_of_range) fail(Exit::usage, "is too large or too small for a number");
  if (error != std::errc() || !std::isfinite(value)) fail(Exit::usage, "is not a number");
  return value;
}

std::int64_t read_integer(std::string_view text) {
  std::int64_t value = 0;
  if (read_whole(text, value)) return value;
  double number = 0;  // 1e6 is a whole number too
  if (!read_whole(text, number) || !std::isfinite(number) || number != std::floor(number)) fail(Exit::usage, "is not a whole number");
  if (std::abs(number) > kLargestExact) fail(Exit::usage, "is too large for a whole number");
  return static_cast<std::int64_t>(number);
}

void check_range(double value, const Option& option) {
  if (value < option.min || value > option.max) fail(Exit::usage, "is outside its range, {}", range_of(option));
}

// What a line of an INI file can hold: the resolved configuration must read back.
void check_text(std::string_view text) {
  if (text.empty()) return;
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) fail(Exit::usage, "holds a control character");
  if (is_space(text.front()) || is_space(text.back())) fail(Exit::usage, "begins or ends with a space");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool mark = text[i] == ';' || text[i] == '#';
    if (mark && (i == 0 || is_space(text[i - 1]))) fail(Exit::usage, "holds '{}' where an INI file begins a comment", text[i]);
  }
}

}  // namespace

void read_value(std::string_view text, const Option&, bool& value) {
  constexpr std::string_view yes[] = {"true", "yes", "on", "1"}, no[] = {"false", "no", "off", "0"};
  if (std::find(std::begin(yes), std::end(yes), text) != std::end(yes)) value = true;
  else if (std::find(std::begin(no), std::end(no), text) != std::end(no)) value = false;
  else fail(Exit::usage, "is neither true nor false");
}

void read_value(std::string_view text, const Option& option, std::int64_t& value) {
  const std::int64_t read = read_integer(text);
  check_range(static_cast<double>(read), option);
  value = read;
}

void read_value(std::string_view text, const Option& option, int& value) {
  const std::int64_t read = read_integer(text);
  check_range(static_cast<double>(read), option);
  if (read < std::numeric_limits<int>::min() || read > std::numeric_limits<int>::max())
    fail(Exit::usage, "is too large for a whole number");
  value = static_cast<int>(read);
}

void read_value(std::string_view text, const Option& option, double& value) {
  const double read = read_number(text);
  check_range(read, option);
  value = read;
}

void read_value(std::string_view text, const Option&, std::string& value) {
  check_text(text);
  value = text;
}

void read_value(std::string_view text, const Option&, std::filesystem::path& value) {
  check_text(text);
  value = text;
}

void read_value(std::string_view text, const Option& option, std::vector<double>& value) {
  std::vector<double> read;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    try {
      read.push_back(read_number(item));
      check_range(read.back(), option);
    } catch (const Error& error) {
      fail(Exit::usage, "is no list of numbers: '{}' {}", item, error.what());
    }
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) fail(Exit::usage, "is no list of numbers: it ends with a comma");
  }
  value = std::move(read);
}

std::size_t read_choice(std::string_view text, std::span<const std::string_view> names) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end())
    fail(Exit::usage, "is {} {}{}", names.size() == 1 ? "not" : "not one of", one_of(names), suggestion(text, names));
  return static_cast<std::size_t>(found - names.begin());
}

std::string write_value(bool value) { return value ? "true" : "false"; }
std::string write_value(int value) { return std::to_string(value); }
std::string write_value(std::int64_t value) { return std::to_string(value); }

std::string write_value(double value) { return format("{}", value); }  // never the locale's comma

std::string write_value(const std::string& value) { return value; }
std::string write_value(const std::filesystem::path& value) { return value.string(); }

std::string write_value(const std::vector<double>& value) {
  std::string text;
  for (const double number : value) text += (text.empty() ? "" : ", ") + write_value(number);
  return text;
}

std::string range_of(const Option& option) {
  // Whole bounds up to 2^53 read better without an exponent.
  const auto bound = [](double x) {
    return x == std::floor(x) && std::abs(x) < kLargestExact ? std::to_string(static_cast<std::int64_t>(x)) : write_value(x);
  };
  const bool below = std::isfinite(option.min), above = std::isfinite(option.max);
  std::string text;
  if (below && above) text = bound(option.min) + " to " + bound(option.max);
  else if (below) text = "at least " + bound(option.min);
  else if (above) text = "at most " + bound(option.max);
  if (!text.empty() && *option.unit != '\0') text += format(" {}", option.unit);
  return text;
}

}  // namespace fgan
