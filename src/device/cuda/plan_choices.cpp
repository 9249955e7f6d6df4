#include "device/cuda/plan_choices.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace fgan::cuda {
namespace {

constexpr std::string_view kHeader = "fgan plans 1";
constexpr std::uintmax_t kLargest = 16 << 20;  // bytes

// Cuts the first line off.  A last line without its end is damaged: what was written whole has one.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool printable_part(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

const std::string* PlanChoices::find(const std::string& key) const {
  const auto found = choices_.find(key);
  return found == choices_.end() ? nullptr : &found->second;
}

void PlanChoices::set(const std::string& key, const std::string& choice) { choices_[key] = choice; }

void PlanChoices::merge(std::string_view text) {
  if (take_line(text) != kHeader) return;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t tab = std::min(line.find('\t'), line.size());
    const std::string_view key = line.substr(0, tab), choice = line.substr(std::min(tab + 1, line.size()));
    if (printable_part(key) && printable_part(choice)) set(std::string(key), std::string(choice));
  }
}

std::string PlanChoices::text() const {
  std::string text = format("{}\n", kHeader);
  for (const auto& [key, choice] : choices_) text += format("{}\t{}\n", key, choice);
  return text;
}

std::filesystem::path default_choices_file() {
  const auto variable = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  const std::filesystem::path cache = variable("XDG_CACHE_HOME"), home = variable("HOME");
  if (cache.is_absolute()) return cache / "fgan" / "plans.txt";
  return home.is_absolute() ? home / ".cache" / "fgan" / "plans.txt" : std::filesystem::path{};
}

PlanChoices load_choices(const std::filesystem::path& path) {
  PlanChoices choices;
  std::error_code unreadable;
  if (path.empty() || !std::filesystem::is_regular_file(path, unreadable)) return choices;
  try {
    const std::vector<std::byte> bytes = read_file(path, kLargest);
    choices.merge({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } catch (const Error& error) {
    log::warn("the engines that cuDNN used before are not known: {}", error.what());
  }
  return choices;
}

void save_choices(const std::filesystem::path& path, const PlanChoices& choices) {
  if (path.empty()) return;
  try {
    PlanChoices all = load_choices(path);
    all.merge(choices.text());
    make_folder(path.parent_path());
    write_file(path, all.text());
  } catch (const Error& error) {
    log::warn("the next run will choose cuDNN's engines again: {}", error.what());
  }
}

}  // namespace fgan::cuda
