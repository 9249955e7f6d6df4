#include "config/verbs/verb.h"

#include "base/text.h"

namespace fgan {

bool asks_for_help(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

std::vector<std::string> read_options(const Input& input, OptionTable& table, const std::vector<Switch>& switches, std::size_t positional) {
  const Words words = parse_words(input.words, table, switches, positional);
  for (const Assignment& assignment : from_environment(input.environment, table, nullptr)) assign(table, assignment);
  for (const Assignment& assignment : words.assignments) assign(table, assignment);
  return words.positional;
}

std::size_t subject_index(const char* verb, const std::vector<std::string>& positional, std::span<const std::string_view> names) {
  if (positional.empty()) fail(Exit::usage, "{} what? {}", verb, one_of(names));
  try {
    return read_choice(positional.front(), names);
  } catch (const Error& error) {
    fail(Exit::usage, "{}: '{}' {}", verb, positional.front(), error.what());
  }
}

}  // namespace fgan
