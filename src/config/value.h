// Text of option values: one strict reader and one writer for each type, whatever source the text comes from.  Independent of the
// locale; nothing is trimmed, guessed or cut off.  Readers throw Error(usage) with the end of a sentence that begins with the value:
// "is not a whole number".
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/option.h"

namespace fgan {

void read_value(std::string_view text, const Option& option, bool& value);
void read_value(std::string_view text, const Option& option, int& value);
void read_value(std::string_view text, const Option& option, std::int64_t& value);
void read_value(std::string_view text, const Option& option, double& value);
void read_value(std::string_view text, const Option& option, std::string& value);
void read_value(std::string_view text, const Option& option, std::filesystem::path& value);
void read_value(std::string_view text, const Option& option, std::vector<double>& value);

// Index of `text` in `names`.
std::size_t read_choice(std::string_view text, std::span<const std::string_view> names);

template <class E>
requires std::is_enum_v<E>
void read_value(std::string_view text, const Option&, E& value) { value = static_cast<E>(read_choice(text, EnumNames<E>::names)); }

std::string write_value(bool value);
std::string write_value(int value);
std::string write_value(std::int64_t value);
std::string write_value(double value);  // the shortest text that reads back equal
std::string write_value(const std::string& value);
std::string write_value(const std::filesystem::path& value);
std::string write_value(const std::vector<double>& value);

template <class E>
requires std::is_enum_v<E> std::string write_value(E value) { return std::string(to_string(value)); }

// "1 to 1048576 images", "at least 0", or empty when anything goes.
std::string range_of(const Option& option);

}  // namespace fgan
