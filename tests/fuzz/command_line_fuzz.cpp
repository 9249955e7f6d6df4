// The command line: words apart by zero bytes; a word FGAN_NAME=VALUE is an environment variable.
#include <string>

#include "config/command_line.h"
#include "configuration.h"

using namespace fgan;
using namespace fgan::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> words;
  Environment environment;
  for (std::string_view rest = text_of(data, size); !rest.empty();) {
    std::string_view word = take_part(rest, '\0');
    if (word.starts_with("FGAN_") && word.find('=') != word.npos) {
      const std::string_view name = take_part(word, '=');
      environment.emplace_back(name, word);
    } else {
      words.emplace_back(word);
    }
  }
  CommandLine line;
  if (!accepts(Exit::usage, [&] { line = parse_command_line(words, environment); })) return 0;
  if (const auto* train = std::get_if<TrainCommand>(&line.command)) require_reads_back(train->config);
  return 0;
}
