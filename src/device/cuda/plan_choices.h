// Which engine does which graph, remembered as text: on disk from one run to the next, and in a run's checkpoint.
//   fgan plans 1
//   <graph, machine, options> <tab> <engine and knobs>
// A text that begins otherwise says nothing; a line that cannot be read is passed over.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace fgan::cuda {

class PlanChoices {
 public:
  const std::string* find(const std::string& key) const;  // null: not known
  void set(const std::string& key, const std::string& choice);
  void merge(std::string_view text);  // what it says goes before what is known
  std::string text() const;           // by key

 private:
  std::map<std::string, std::string> choices_;
};

// $XDG_CACHE_HOME/fgan/plans.txt or ~/.cache/fgan/plans.txt; empty where neither is known.
std::filesystem::path default_choices_file();

// Nothing when the file is not there or cannot be read.
PlanChoices load_choices(const std::filesystem::path&);
// Adds to what the file says; written whole or not at all.  A file that cannot be written is a warning: the next run chooses again.
void save_choices(const std::filesystem::path&, const PlanChoices&);

}  // namespace fgan::cuda
