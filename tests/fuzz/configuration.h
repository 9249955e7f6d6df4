// Configurations that were accepted.
#pragma once

#include <algorithm>

#include "config/sources.h"
#include "target.h"

namespace fgan::fuzz {

// The resolved configuration is a file that says the same.
inline void require_reads_back(const ResolvedConfig& config) {
  const ResolvedConfig again = resolve(from_lines(parse_ini(to_ini(config), "again"), "again", {}));
  const auto same = [](const ResolvedValue& a, const ResolvedValue& b) {
    return a.section == b.section && a.key == b.key && a.value == b.value && a.in_checkpoint == b.in_checkpoint;
  };
  require(std::equal(config.values.begin(), config.values.end(), again.values.begin(), again.values.end(), same),
          "a written configuration reads back equal");
}

}  // namespace fgan::fuzz
