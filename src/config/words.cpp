#include "config/words.h"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace fgan {
namespace {

std::string cli_names(const OptionRow& row) {
  const std::string other = row.short_name();
  return other.empty() || other == row.long_name() ? row.long_name() : row.long_name() + "," + other;
}

bool is_name_of(const OptionRow& row, std::string_view word) {
  return !word.empty() && (word == row.long_name() || word == row.short_name());
}

std::string_view name_part(std::string_view word) { return word.substr(0, word.find('=')); }

// CLI11 takes "--out= config.ini" for --out with the value config.ini; as two words the empty value stays one.
std::vector<std::string> with_empty_values_apart(const std::vector<std::string>& words, const OptionTable& table) {
  std::vector<std::string> apart;
  for (const std::string& word : words) {
    const std::string_view name = name_part(word);
    const bool empty_value =
        word.size() == name.size() + 1 &&
        std::any_of(table.rows().begin(), table.rows().end(), [&](const OptionRow& row) { return !row.is_flag && is_name_of(row, name); });
    apart.emplace_back(empty_value ? name : std::string_view(word));
    if (empty_value) apart.emplace_back();
  }
  return apart;
}

// The name that the user gave the row's option, for messages.
std::string name_as_typed(const OptionRow& row, const std::vector<std::string>& words) {
  std::string typed = row.long_name();
  for (const std::string& word : words)
    if (is_name_of(row, name_part(word))) typed = name_part(word);
  return typed;
}

// --learning-rate for --optimizer-learning-rate: a key without its section.  Otherwise the nearest name.
std::string hint(std::string_view name, const OptionTable& table, std::span<const std::string_view> known) {
  if (name.starts_with("--"))
    for (const OptionRow& row : table.rows())
      if (!is_player(row.section) && row.long_name() == "--" + row.section + std::string(name.substr(1)))
        return format("; did you mean '{}'?", row.long_name());
  return suggestion(name, known);
}

void refuse_leftovers(const std::vector<std::string>& left, const OptionTable& table, const std::vector<Switch>& switches,
                      const std::vector<std::string>& given, std::size_t positional) {
  std::vector<std::string> known{"--help"};
  for (const OptionRow& row : table.rows()) {
    known.push_back(row.long_name());
    if (row.option.short_name[0]) known.push_back(row.short_name());
  }
  for (const Switch& entry : switches) known.push_back(std::string(entry.names).substr(std::string_view(entry.names).find("--")));
  const std::vector<std::string_view> names(known.begin(), known.end());
  for (const std::string& word : left)
    if (word.size() > 1 && word != "--" && word.front() == '-')
      fail(Exit::usage, "unknown option {}{}", name_part(word), hint(name_part(word), table, names));
  if (given.size() > positional) fail(Exit::usage, "unexpected word '{}'", given[positional]);
}

}  // namespace

Words parse_words(const std::vector<std::string>& words, const OptionTable& table, const std::vector<Switch>& switches,
                  std::size_t positional) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();  // they are refused below, with a suggestion
  std::vector<CLI::Option*> options;
  for (const OptionRow& row : table.rows()) {
    // The type decides only whether a word follows; all values are taken as text.
    CLI::Option* option = row.is_flag ? app.add_flag(cli_names(row)) : app.add_option(cli_names(row))->expected(1);
    options.push_back(option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast));
  }
  for (const Switch& entry : switches) app.add_flag(entry.names, *entry.on)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  Words parsed;
  app.add_option("words", parsed.positional)->expected(0, 1 << 20);
  std::vector<std::string> reversed = with_empty_values_apart(words, table);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch&) {
    fail(Exit::usage, "{} needs a value", words.back());  // only the end of the words leaves an option without one
  } catch (const CLI::ParseError& error) {
    fail(Exit::usage, "{}", error.what());
  }
  refuse_leftovers(app.remaining(), table, switches, parsed.positional, positional);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i]->empty()) continue;
    const OptionRow& row = table.rows()[i];
    parsed.assignments.push_back(
        {row.section, row.option.key, options[i]->results().back(), "command line", "", name_as_typed(row, words), "=", {}});
  }
  return parsed;
}

}  // namespace fgan
