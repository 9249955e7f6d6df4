#include "config/help.h"
#include "config/verbs/verb.h"

namespace fgan {

Command parse_sample(const Input& input) {
  SampleCommand command;
  OptionTable table;
  table.section("", command.options);
  table.section("device", command.device);
  if (asks_for_help(input.words)) return PrintCommand{verb_help("Usage: fgan sample RUN|CHECKPOINT [OPTIONS]\n", table, {})};
  const std::vector<std::string> positional = read_options(input, table, {}, 1);
  if (positional.empty()) fail(Exit::usage, "sample from what? fgan sample RUN|CHECKPOINT");
  command.source = positional.front();
  return command;
}

}  // namespace fgan
