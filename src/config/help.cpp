#include "config/help.h"

#include <sstream>

#include "base/format.h"
#include "config/config.h"

namespace fgan {
namespace {

constexpr std::size_t kWidth = 80;

// Words folded into lines behind an indentation.
std::string folded(const std::string& text, std::size_t indentation) {
  std::istringstream words(text);
  const std::string margin(indentation, ' ');
  std::string lines, line, word;
  while (words >> word) {
    if (!line.empty() && indentation + line.size() + 1 + word.size() > kWidth) {
      lines += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return lines + margin + line + "\n";
}

std::string default_of(const OptionRow& row) { return row.default_value.empty() ? "" : " [" + row.default_value + "]"; }

std::string explanation(const OptionRow& row) {
  std::string text = row.option.help;
  if (!row.choices.empty()) {
    std::string names;
    for (const std::string_view choice : row.choices) names += (names.empty() ? "" : " | ") + std::string(choice);
    return folded(text, 6) + folded(names + default_of(row), 6);
  }
  const std::string range = range_of(row.option);
  if (!range.empty()) text += "; " + range;
  else if (*row.option.unit != '\0') text += std::string("; ") + row.option.unit;
  return folded(text + default_of(row), 6);
}

std::string names_of(const OptionRow& row) {
  const std::string other = row.short_name();
  std::string names = other.empty() || other == row.long_name() ? row.long_name() : other + ", " + row.long_name();
  return row.is_flag ? names : names + "=" + row.value_name;
}

// The players take the options of [model] and [optimizer]: names suffice.
std::string player_help(const OptionTable& table, const std::string& section) {
  std::string names;
  for (const OptionRow& row : table.rows())
    if (row.section == section) names += (names.empty() ? "" : " ") + row.long_name();
  return "\n[" + section + "] for one player what [model] and [optimizer] say for both\n" + folded(names, 2);
}

}  // namespace

std::string program_help() {
  return R"(fgan trains generative networks by minimising f-divergences (f-GAN).

  fgan train [OPTIONS] [CONFIG.ini]  train; the same again continues a run
  fgan sample RUN|CHECKPOINT         draw images from a trained generator
  fgan data info|check|grid|convert|glyphs
                                     look at, verify, pack or make a data set
  fgan list divergences|devices|presets
  fgan bench ops|step|loader|train   how fast this machine is
  fgan VERB --help                   all options of a verb;  fgan --version

Examples:
  fgan train --preset=mnist-dcgan --data=mnist --divergence=kl
  fgan train --steps=20000 --out=runs/long config.ini
  fgan train --print-config config.ini       each setting with its origin
  fgan sample runs/config-kl -n 64 -o digits.png

Each key of the INI file is an option: critic_steps in [game] is
--game-critic-steps. Order: defaults < preset < file < environment
(FGAN_TRAIN_STEPS=100) < command line.

Exit codes: 0 done, 1 internal error, 2 usage or configuration, 3 bad data or
checkpoint, 4 output, 5 diverged, 6 device or memory, 75 stopped: run me again.
)";
}

std::string verb_help(const char* usage, const OptionTable& table, const std::vector<Switch>& switches) {
  std::string text = usage, section;
  text += "\n";
  for (const Switch& entry : switches) text += format("  {:<24} {}\n", entry.names, entry.help);
  text += format("  {:<24} {}\n", "-h,--help", "this text");
  for (const OptionRow& row : table.rows()) {
    const bool begins = row.section != section;
    section = row.section;
    if (is_player(section)) {
      if (begins) text += player_help(table, section);
      continue;
    }
    if (begins) text += "\n[" + section + "]\n";
    text += folded(names_of(row), 2) + explanation(row);
  }
  return text;
}

}  // namespace fgan
