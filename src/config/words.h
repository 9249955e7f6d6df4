// The words behind a verb: options of a table, switches, and positional words.  The only user of CLI11.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/option_table.h"

namespace fgan {

// An option that is no setting: --json, --dry-run.
struct Switch {
  const char* names;  // as CLI11 takes them: "-n,--dry-run"
  const char* help;
  bool* on;
};

struct Words {
  std::vector<Assignment> assignments;  // in the order of the table
  std::vector<std::string> positional;
};

// Sets the switches.  Of a repeated option the last word wins.  Throws Error(usage) for unknown options, options without a value and more
// than `positional` other words.
Words parse_words(const std::vector<std::string>& words, const OptionTable& table, const std::vector<Switch>& switches,
                  std::size_t positional);

}  // namespace fgan
