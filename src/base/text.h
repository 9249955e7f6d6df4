// Text: what error messages need.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fgan {

// The candidate nearest to `word` by Damerau-Levenshtein distance, or empty when none is within max(2, a third of its length).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'x'?" or empty.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

// "1 class", "2 classes".
std::string counted(std::int64_t count, std::string_view one, std::string_view many);

// With a question mark for each control character and each byte that is no UTF-8, so that a file's name cannot make two lines of one or
// steer the terminal.
std::string printable(std::string_view text);

// "a, b or c".
std::string one_of(std::span<const std::string_view> words);

}  // namespace fgan
