// Where values come from, and how the sources are put together.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/ini.h"
#include "config/option_table.h"

namespace fgan {

using Environment = std::vector<std::pair<std::string, std::string>>;

Environment environment_of_process();

// `name` is the text's in messages and origins, `base` what its relative paths are relative to.
std::vector<Assignment> from_lines(std::vector<IniLine> lines, const std::string& name, const std::filesystem::path& base);

std::vector<Assignment> from_file(const std::filesystem::path& path);

// FGAN_SECTION_KEY for every row.  Other variables that begin with FGAN_ are named in `warnings`.
std::vector<Assignment> from_environment(const Environment& environment, const OptionTable& table, std::vector<std::string>* warnings);

// Defaults, then the assignments in order, then what the players take from both.
ResolvedConfig resolve(const std::vector<Assignment>& assignments);

}  // namespace fgan
