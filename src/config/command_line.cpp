#include "config/command_line.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "config/help.h"
#include "config/verbs/verb.h"

namespace fgan {
namespace {

constexpr std::array<std::string_view, 5> kVerbs{"train", "sample", "data", "list", "bench"};

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
  else if (verb == "data") parsed.command = parse_data(input);
  else if (verb == "list") parsed.command = parse_list(input);
  else if (verb == "bench") parsed.command = parse_bench(input, parsed.warnings);
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
