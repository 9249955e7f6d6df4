#include "config/presets.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace fgan {

std::string_view Preset::summary() const {
  const std::size_t begin = text.find_first_not_of("; "), end = text.find('\n');
  return text.substr(begin, end - begin);
}

std::vector<Assignment> from_preset(std::string_view name) {
  const auto all = presets();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Preset& preset) { return preset.name == name; });
  if (found == all.end()) {
    std::vector<std::string_view> names;
    for (const Preset& preset : all) names.push_back(preset.name);
    fail(Exit::usage, "there is no preset '{}'{}; fgan list presets names those there are", name, suggestion(name, names));
  }
  const std::string place = format("preset {}", name);
  return from_lines(parse_ini(found->text, place), place, {});
}

}  // namespace fgan
