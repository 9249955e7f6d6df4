#include "train/run_folder.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;
constexpr const char* kChoices = "plans.txt";

// "game.divergence: gan in the checkpoint, kl now; ..." for every setting that differs.  `stored` has all that `now` has.
std::string difference(const Settings& stored, const Settings& now) {
  std::string text;
  const auto add = [&](const std::string& key, const std::string& before, const std::string& after) {
    text += format("{}{}: {}, {}", text.empty() ? "" : "; ", key, before, after);
  };
  const auto value = [](const std::string& setting) { return setting.empty() ? "empty" : setting; };
  for (const auto& [key, setting] : now)
    if (const std::string& before = stored.at(key); before != setting)
      add(key, value(before) + " in the checkpoint", value(setting) + " now");
  for (const auto& [key, setting] : stored)
    if (!now.contains(key)) add(key, value(setting) + " in the checkpoint", "unknown now");
  return text;
}

// A disk that does not answer is no reason to take a run for a new one.
fs::file_type type_of(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::none) fail(Exit::data, "cannot look at '{}': {}", path.string(), error.message());
  return type;
}

bool is_there(const fs::path& path) { return type_of(path) != fs::file_type::not_found; }
bool is_folder(const fs::path& path) { return type_of(path) == fs::file_type::directory; }

// config.ini is written first: what has none is a run only when nothing but a start that was interrupted is in it.
bool is_run(const fs::path& folder) {
  if (is_there(folder / "config.ini")) return true;
  const std::vector<fs::path> files = files_in(folder);
  return std::all_of(files.begin(), files.end(),
                     [](const fs::path& path) { return path.filename() == FolderLock::kName || is_temporary(path); });
}

void remove_samples_after(const fs::path& folder, std::int64_t step) {
  for (const fs::path& path : files_in(folder)) {
    const std::optional<std::int64_t> at = path.extension() == ".png" ? step_in_name(path) : std::nullopt;
    std::error_code ignored;  // it will be replaced
    if (at && *at > step) fs::remove(path, ignored);
  }
}

}  // namespace

std::optional<FoundCheckpoint> continue_from(const fs::path& folder, const Settings& settings, const Settings& defaults,
                                             ConfigChange change) {
  if (!is_there(folder)) return std::nullopt;
  if (!is_folder(folder)) fail(Exit::usage, "{} is a file: name a folder for the run with --out", folder.string());
  if (!is_run(folder)) fail(Exit::usage, "{} holds something else than a run of fgan: name another folder with --out", folder.string());
  std::optional<FoundCheckpoint> found = newest_checkpoint(folder);
  if (!found) return std::nullopt;
  found->header.settings.insert(defaults.begin(), defaults.end());
  const std::string changed = difference(found->header.settings, settings);
  if (!changed.empty() && change == ConfigChange::refused)
    fail(Exit::usage,
         "{} was begun with another configuration; name another folder with --out, undo the change, or let it count from here on with "
         "--allow-config-change: {}",
         folder.string(), changed);
  if (!changed.empty()) log::warn("{} goes on with another configuration from step {}: {}", folder.string(), found->header.step, changed);
  return found;
}

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  if (is_folder(path_) && is_run(path_)) lock();
}

void RunFolder::lock() {
  lock_ = std::make_unique<FolderLock>(path_);
  for (const fs::path& folder : {path_, path_ / "checkpoints", path_ / "samples"}) remove_temporaries(folder);
}

void RunFolder::create() {
  make_folder(path_);
  lock();
  if (!is_there(path_ / "config.ini")) return;
  lock_.reset();
  fail(Exit::output, "another process has begun a run in '{}' meanwhile", path_.string());
}

void RunFolder::start(const std::string& config_text, std::int64_t step) {
  const bool ours = !is_there(path_);
  try {
    if (!lock_) create();
    write_file(path_ / "config.ini", config_text);
    make_folder(path_ / "checkpoints");
    make_folder(path_ / "samples");
    remove_samples_after(path_ / "samples", step);
  } catch (const Error&) {
    std::error_code ignored;
    if (ours && lock_) fs::remove_all(path_, ignored);
    else if (ours) fs::remove(path_, ignored);  // unless somebody has put something there
    throw;
  }
}

std::string choices_of(const fs::path& folder) {
  constexpr std::uintmax_t kMost = 1 << 20;
  if (!is_there(folder / kChoices)) return {};
  const std::vector<std::byte> bytes = read_file(folder / kChoices, kMost);
  std::string text(bytes.size(), '\0');
  std::transform(bytes.begin(), bytes.end(), text.begin(), [](std::byte b) { return static_cast<char>(b); });
  return text;
}

void keep_choices(const fs::path& folder, const std::string& choices) {
  if (!choices.empty()) write_file(folder / kChoices, choices);
}

}  // namespace fgan
