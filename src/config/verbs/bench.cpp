#include "base/text.h"
#include "config/help.h"
#include "config/verbs/verb.h"

namespace fgan {
namespace {

const char* usage_of(BenchSubject subject) {
  switch (subject) {
    case BenchSubject::ops: return "Usage: fgan bench ops [OPTIONS]                  each op of a training step\n";
    case BenchSubject::step: return "Usage: fgan bench step [OPTIONS]                 whole training steps\n";
    case BenchSubject::loader: return "Usage: fgan bench loader [OPTIONS]               reading and decoding data\n";
    case BenchSubject::train: return "Usage: fgan bench train [OPTIONS] [CONFIG.ini]   a training run, as fgan train\n";
  }
  return "";
}

std::string bench_help() {
  std::string text;
  for (int subject = 0; subject < static_cast<int>(EnumNames<BenchSubject>::names.size()); ++subject)
    text += usage_of(static_cast<BenchSubject>(subject));
  return text + "\nfgan bench SUBJECT --help says more.\n";
}

OptionTable table_for(BenchCommand& command, Config& config) {
  if (command.subject == BenchSubject::train) return table_of(config);
  OptionTable table;
  table.section("", command.repeats);
  if (command.subject == BenchSubject::loader) {
    table.section("", command.pictures);
    table.section("data", command.data);
  } else {
    table.section("", command.step);
    table.section("device", command.device);
  }
  return table;
}

}  // namespace

Command parse_bench(const Input& input, std::vector<std::string>& warnings) {
  const bool help = asks_for_help(input.words);
  const bool about_all = input.words.empty() || input.words.front().starts_with("-");
  if (help && about_all) return PrintCommand{bench_help()};
  if (about_all && !input.words.empty())
    fail(Exit::usage, "{} comes before the subject: begin with fgan bench {}", input.words.front(), one_of(EnumNames<BenchSubject>::names));
  BenchCommand command;
  command.subject = subject_of<BenchSubject>("bench", input.words);
  const std::vector<Switch> switches{{"--json", "one JSON object instead of a table", &command.json}};
  Config config;
  OptionTable table = table_for(command, config);
  if (help) return PrintCommand{verb_help(usage_of(command.subject), table, switches)};
  const Input rest{{input.words.begin() + 1, input.words.end()}, input.environment};
  if (command.subject != BenchSubject::train) {
    read_options(rest, table, switches, 0);
    return command;
  }
  command.training = read_config(rest, switches, warnings);
  require_data(command.training.config);
  if (!command.training.config.train.out.empty()) fail(Exit::usage, "train.out: a run of bench train has a temporary folder");
  return command;
}

}  // namespace fgan
