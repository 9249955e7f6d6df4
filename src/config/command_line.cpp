#include "config/command_line.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "config/help.h"
#include "config/words.h"

namespace fgan {
namespace {

constexpr std::array<std::string_view, 4> kVerbs{"train", "sample", "list", "bench"};

bool asks_for_help(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

struct Input {
  std::vector<std::string> words;  // behind the verb
  const Environment& environment;
};

void append(std::vector<Assignment>& to, std::vector<Assignment> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void check_data(const Config& config) {
  if (!config.data.path.empty() || config.data.kind != DataKind::automatic) return;
  fail(Exit::usage, "{}nothing to train on: data.path is not set (in the INI file, or as --data=PATH)",
       config.file.empty() ? "" : config.file.string() + ": ");
}

Command parse_train(const Input& input, std::vector<std::string>& warnings) {
  TrainCommand command;
  bool print_config = false;
  const std::vector<Switch> switches{{"-n,--dry-run", "check everything, train nothing", &command.dry_run},
                                     {"--print-config", "print the resolved INI file and stop", &print_config}};
  Config defaults;
  const OptionTable table = table_of(defaults);
  if (asks_for_help(input.words)) return PrintCommand{verb_help("Usage: fgan train [OPTIONS] [CONFIG.ini]\n", table, switches)};
  Words words = parse_words(input.words, table, switches, 1);
  std::filesystem::path file;
  std::vector<Assignment> assignments;
  if (!words.positional.empty()) {
    file = words.positional.front();
    assignments = from_file(file);
  }
  append(assignments, from_environment(input.environment, table, &warnings));
  append(assignments, std::move(words.assignments));
  command.config = resolve(assignments);
  command.config.config.file = file;
  if (print_config) return PrintCommand{to_ini(command.config)};
  check_data(command.config.config);
  return command;
}

// Environment and words into the structs behind the table; returns the positional words.
std::vector<std::string> read_options(const Input& input, OptionTable& table, const std::vector<Switch>& switches) {
  Words words = parse_words(input.words, table, switches, 1);
  std::vector<Assignment> assignments = from_environment(input.environment, table, nullptr);
  append(assignments, std::move(words.assignments));
  for (const Assignment& assignment : assignments) assign(table, assignment);
  return words.positional;
}

template <class E>
E subject_of(const char* verb, const std::vector<std::string>& positional) {
  constexpr auto& names = EnumNames<E>::names;
  if (positional.empty()) fail(Exit::usage, "{} what? {}", verb, one_of(names));
  E subject{};
  try {
    read_value(positional.front(), Option{}, subject);
  } catch (const Error& error) {
    fail(Exit::usage, "{}: '{}' {}", verb, positional.front(), error.what());
  }
  return subject;
}

Command parse_sample(const Input& input) {
  SampleCommand command;
  OptionTable table;
  table.section("", command.options);
  table.section("device", command.device);
  if (asks_for_help(input.words)) return PrintCommand{verb_help("Usage: fgan sample RUN|CHECKPOINT [OPTIONS]\n", table, {})};
  const std::vector<std::string> positional = read_options(input, table, {});
  if (positional.empty()) fail(Exit::usage, "sample from what? fgan sample RUN|CHECKPOINT");
  command.source = positional.front();
  return command;
}

Command parse_list(const Input& input) {
  ListCommand command;
  OptionTable table;
  const std::vector<Switch> switches{{"--json", "one JSON object instead of a table", &command.json}};
  if (asks_for_help(input.words)) return PrintCommand{verb_help("Usage: fgan list divergences|devices [--json]\n", table, switches)};
  command.subject = subject_of<ListSubject>("list", read_options(input, table, switches));
  return command;
}

Command parse_bench(const Input& input) {
  BenchCommand command;
  OptionTable table;
  table.section("", command.options);
  table.section("device", command.device);
  const std::vector<Switch> switches{{"--json", "the last line is one JSON object", &command.json}};
  if (asks_for_help(input.words)) return PrintCommand{verb_help("Usage: fgan bench step [OPTIONS]\n", table, switches)};
  command.subject = subject_of<BenchSubject>("bench", read_options(input, table, switches));
  return command;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& words, const Environment& environment) {
  if (words.empty()) fail(Exit::usage, "what shall be done? {}; fgan --help says more", one_of(kVerbs));
  const std::string& verb = words.front();
  if (verb == "--version" || verb == "-V") return {PrintCommand{"fgan " FGAN_VERSION "\n"}, {}};
  const Input input{{words.begin() + 1, words.end()}, environment};
  if (verb == "--help" || verb == "-h" || (verb == "help" && input.words.empty())) return {PrintCommand{program_help()}, {}};
  if (verb == "help") return parse_command_line({input.words.front(), "--help"}, environment);
  CommandLine parsed;
  if (verb == "train") parsed.command = parse_train(input, parsed.warnings);
  else if (verb == "sample") parsed.command = parse_sample(input);
  else if (verb == "list") parsed.command = parse_list(input);
  else if (verb == "bench") parsed.command = parse_bench(input);
  else if (verb.starts_with("-")) fail(Exit::usage, "{} comes before the verb: begin with fgan {}", verb, one_of(kVerbs));
  else
    fail(Exit::usage, "unknown verb '{}'{}", verb,
         nearest(verb, kVerbs).empty() ? "; fgan --help names those there are" : suggestion(verb, kVerbs));
  return parsed;
}

CommandLine parse_command_line(int argc, char** argv) {
  return parse_command_line({argv + 1, argv + std::max(argc, 1)}, environment_of_process());
}

}  // namespace fgan
