// Presets: the files of configs/, compiled into the program.  A preset is settings that work; the data is the user's.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/sources.h"

namespace fgan {

struct Preset {
  std::string_view name, text;       // text: an INI file
  std::string_view summary() const;  // its first comment
};

std::span<const Preset> presets();  // by name

// Throws Error(usage) for a name there is not.
std::vector<Assignment> from_preset(std::string_view name);

}  // namespace fgan
