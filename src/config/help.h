// Help texts.  What --help of a verb says of its options comes from the option table.
#pragma once

#include <string>

#include "config/words.h"

namespace fgan {

std::string program_help();  // fits a screen of 80 x 24

std::string verb_help(const char* usage, const OptionTable& table, const std::vector<Switch>& switches);

}  // namespace fgan
