#include "config/help.h"
#include "config/verbs/verb.h"

namespace fgan {

namespace {

const char* usage_of(DataSubject subject) {
  switch (subject) {
    case DataSubject::info: return "Usage: fgan data info PATH [OPTIONS]      what training would see of it\n";
    case DataSubject::check: return "Usage: fgan data check PATH [OPTIONS]     decode everything, name what cannot be (exit 3)\n";
    case DataSubject::grid: return "Usage: fgan data grid PATH [OPTIONS]      a picture of what training would see\n";
    case DataSubject::convert: return "Usage: fgan data convert PATH FILE [OPTIONS]  pack it into one file that needs no decoding\n";
    case DataSubject::glyphs: return "Usage: fgan data glyphs [OPTIONS]         make a data set of letters and digits out of fonts\n";
  }
  return "";
}

std::string data_help() {
  std::string text;
  for (int subject = 0; subject < static_cast<int>(EnumNames<DataSubject>::names.size()); ++subject)
    text += usage_of(static_cast<DataSubject>(subject));
  return text + "\nfgan data SUBJECT --help says more.\n";
}

OptionTable table_for(DataCommand& command) {
  OptionTable table;
  if (command.subject == DataSubject::glyphs) {
    table.section("", command.glyphs);
    return table;
  }
  if (command.subject == DataSubject::grid) table.section("", command.grid);
  table.section("data", command.data);
  return table;
}

}  // namespace

Command parse_data(const Input& input) {
  const bool help = asks_for_help(input.words);
  const bool about_all = input.words.empty() || input.words.front().starts_with("-");
  if (help && about_all) return PrintCommand{data_help()};
  if (about_all && !input.words.empty())
    fail(Exit::usage, "{} comes before the subject: begin with fgan data info, check, grid, convert or glyphs", input.words.front());
  DataCommand command;
  command.subject = subject_of<DataSubject>("data", input.words);
  OptionTable table = table_for(command);
  if (help) return PrintCommand{verb_help(usage_of(command.subject), table, {})};
  const bool reads = command.subject != DataSubject::glyphs, writes = command.subject == DataSubject::convert;
  std::vector<std::string> positional =
      read_options({{input.words.begin() + 1, input.words.end()}, input.environment}, table, {}, reads + writes);
  const bool has_source = positional.size() == 2 || !command.data.path.empty() || command.data.kind != DataKind::automatic;
  if (writes && has_source && !positional.empty()) {
    command.packed = positional.back();
    positional.pop_back();
  }
  if (!positional.empty() && !command.data.path.empty())
    fail(Exit::usage, "two sets of data: '{}' and --data={}", positional.front(), command.data.path.string());
  if (!positional.empty()) command.data.path = positional.front();
  if (reads && command.data.path.empty() && command.data.kind == DataKind::automatic)
    fail(Exit::usage, "which data? fgan data {} PATH{}", to_string(command.subject), writes ? " FILE" : "");
  if (writes && command.packed.empty()) fail(Exit::usage, "into which file? fgan data convert {} FILE", command.data.path.string());
  return command;
}

}  // namespace fgan
