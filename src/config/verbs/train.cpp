#include "config/help.h"
#include "config/presets.h"
#include "config/verbs/verb.h"

namespace fgan {
namespace {

void append(std::vector<Assignment>& to, std::vector<Assignment> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Of the sources in order, the last that names one.
std::string preset_of(const std::vector<Assignment>& assignments) {
  std::string name;
  for (const Assignment& a : assignments)
    if (a.section == "train" && a.key == "preset") name = a.value;
  return name;
}

}  // namespace

void require_data(const Config& config) {
  if (!config.data.path.empty() || config.data.kind != DataKind::automatic) return;
  fail(Exit::usage, "{}nothing to train on: data.path is not set (in the INI file, or as --data=PATH)",
       config.file.empty() ? "" : config.file.string() + ": ");
}

ResolvedConfig read_config(const Input& input, const std::vector<Switch>& switches, std::vector<std::string>& warnings) {
  Config defaults;
  const OptionTable table = table_of(defaults);
  Words words = parse_words(input.words, table, switches, 1);
  std::filesystem::path file;
  std::vector<Assignment> assignments;
  if (!words.positional.empty()) {
    file = words.positional.front();
    assignments = from_file(file);
  }
  append(assignments, from_environment(input.environment, table, &warnings));
  append(assignments, std::move(words.assignments));
  if (const std::string preset = preset_of(assignments); !preset.empty()) {
    std::vector<Assignment> all = from_preset(preset);
    append(all, std::move(assignments));
    assignments = std::move(all);
  }
  ResolvedConfig resolved = resolve(assignments);
  resolved.config.file = file;
  return resolved;
}

Command parse_train(const Input& input, std::vector<std::string>& warnings) {
  TrainCommand command;
  bool print_config = false;
  const std::vector<Switch> switches{
      {"-n,--dry-run", "check everything, train nothing", &command.dry_run},
      {"--allow-config-change", "let changed settings count from the checkpoint on", &command.allow_config_change},
      {"--print-config", "print the resolved INI file and stop", &print_config}};
  Config defaults;
  if (asks_for_help(input.words))
    return PrintCommand{verb_help("Usage: fgan train [OPTIONS] [CONFIG.ini]\n", table_of(defaults), switches)};
  command.config = read_config(input, switches, warnings);
  if (print_config) return PrintCommand{to_ini(command.config)};
  require_data(command.config.config);
  return command;
}

}  // namespace fgan
