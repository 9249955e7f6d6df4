#include "train/run_folder.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;
constexpr const char* kChoices = "plans.txt";

// "game.divergence: gan in the checkpoint, kl now" for every setting that differs.
std::string difference(const Settings& stored, const Settings& now) {
  std::string lines;
  for (const auto& [key, value] : now) {
    const auto before = stored.find(key);
    if (before == stored.end()) lines += format("\n  {}: unknown to the checkpoint, {} now", key, value);
    else if (before->second != value)
      lines += format("\n  {}: {} in the checkpoint, {} now", key, before->second, value.empty() ? "empty" : value);
  }
  for (const auto& [key, value] : stored)
    if (!now.contains(key)) lines += format("\n  {}: {} in the checkpoint, unknown now", key, value);
  return lines;
}

}  // namespace

std::optional<FoundCheckpoint> continue_from(const fs::path& folder, const Settings& settings) {
  std::error_code error;
  if (!fs::exists(folder, error)) return std::nullopt;
  if (!fs::is_directory(folder, error)) fail(Exit::usage, "{} is a file: name a folder for the run with --out", folder.string());
  const bool empty = fs::is_empty(folder, error);
  if (error) fail(Exit::output, "{} cannot be read: {}", folder.string(), error.message());
  if (!empty && !fs::exists(folder / "config.ini", error))
    fail(Exit::usage, "{} holds something else than a run of fgan: name another folder with --out", folder.string());
  std::optional<FoundCheckpoint> found = newest_checkpoint(folder);
  if (!found) return std::nullopt;
  if (const std::string changed = difference(found->header.settings, settings); !changed.empty())
    fail(Exit::usage, "{} was begun with another configuration; name another folder with --out, or undo the change:{}", folder.string(),
         changed);
  return found;
}

void start_run_folder(const fs::path& folder, const std::string& config_text) {
  std::error_code error;
  const bool ours = !fs::exists(folder, error);
  try {
    make_folder(folder / "checkpoints");
    make_folder(folder / "samples");
    write_file(folder / "config.ini", config_text);
  } catch (const Error&) {
    if (ours) fs::remove_all(folder, error);
    throw;
  }
}

std::string choices_of(const fs::path& folder) {
  constexpr std::uintmax_t kMost = 1 << 20;
  if (!fs::exists(folder / kChoices)) return {};
  const std::vector<std::byte> bytes = read_file(folder / kChoices, kMost);
  std::string text(bytes.size(), '\0');
  std::transform(bytes.begin(), bytes.end(), text.begin(), [](std::byte b) { return static_cast<char>(b); });
  return text;
}

void keep_choices(const fs::path& folder, const std::string& choices) {
  if (!choices.empty()) write_file(folder / kChoices, choices);
}

}  // namespace fgan
