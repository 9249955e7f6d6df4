// What the verbs share: words and environment into their options structs.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "config/command_line.h"
#include "config/words.h"

namespace fgan {

struct Input {
  std::vector<std::string> words;  // behind the verb
  const Environment& environment;
};

bool asks_for_help(const std::vector<std::string>& words);

// Environment and words into the structs behind the table; returns the positional words, at most so many.
std::vector<std::string> read_options(const Input& input, OptionTable& table, const std::vector<Switch>& switches, std::size_t positional);

// The first positional word as what the verb is about.
std::size_t subject_index(const char* verb, const std::vector<std::string>& positional, std::span<const std::string_view> names);

template <class E>
E subject_of(const char* verb, const std::vector<std::string>& positional) {
  return static_cast<E>(subject_index(verb, positional, EnumNames<E>::names));
}

// A training configuration out of preset, INI file (the positional word), environment and words.
ResolvedConfig read_config(const Input& input, const std::vector<Switch>& switches, std::vector<std::string>& warnings);
void require_data(const Config& config);

Command parse_train(const Input& input, std::vector<std::string>& warnings);
Command parse_sample(const Input& input);
Command parse_data(const Input& input);
Command parse_list(const Input& input);
Command parse_bench(const Input& input, std::vector<std::string>& warnings);

}  // namespace fgan
