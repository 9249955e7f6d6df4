// Options: every module states its own, once, as `template <class V> void describe(V& v)` in its options struct.  Reading the INI
// file, the command line and the environment, printing help, writing the resolved file and naming what a checkpoint depends on are
// visitors over that one statement (config/).
#pragma once

#include <array>
#include <limits>
#include <string>
#include <string_view>

namespace fgan {

struct Option {
  const char* key;        // as in the INI file: letters and underscores
  const char* help;       // one phrase, no full stop
  const char* unit = "";  // "steps", "images", "fraction", ...
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  const char* short_name = "";  // extra name on the command line without dashes, for the options people type
  bool affects_result = true;   // false: two runs that differ only in it have equal checkpoints
};

// Names of an enum's values in order of the values 0, 1, 2, ...; specialise with `static constexpr std::array names`.
template <class E>
struct EnumNames;

template <class E>
constexpr std::string_view to_string(E value) {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}

}  // namespace fgan

// A visitor v is called as  v(Option{...}, member)  with member one of: bool, int, std::int64_t, double, std::string,
// std::vector<double>, or an enum with EnumNames.  The member's initialiser is the default.
