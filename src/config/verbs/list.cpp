#include "config/help.h"
#include "config/verbs/verb.h"

namespace fgan {

Command parse_list(const Input& input) {
  ListCommand command;
  OptionTable table;
  const std::vector<Switch> switches{{"--json", "one JSON object instead of a table", &command.json}};
  if (asks_for_help(input.words))
    return PrintCommand{verb_help("Usage: fgan list divergences|devices|presets [--json]\n", table, switches)};
  command.subject = subject_of<ListSubject>("list", read_options(input, table, switches, 1));
  return command;
}

}  // namespace fgan
