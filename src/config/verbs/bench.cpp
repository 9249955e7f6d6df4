#include "config/help.h"
#include "config/verbs/verb.h"

namespace fgan {

Command parse_bench(const Input& input) {
  BenchCommand command;
  OptionTable table;
  table.section("", command.options);
  table.section("device", command.device);
  const std::vector<Switch> switches{{"--json", "the last line is one JSON object", &command.json}};
  if (asks_for_help(input.words)) return PrintCommand{verb_help("Usage: fgan bench step [OPTIONS]\n", table, switches)};
  command.subject = subject_of<BenchSubject>("bench", read_options(input, table, switches, 1));
  return command;
}

}  // namespace fgan
