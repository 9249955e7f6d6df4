#include "train/keep.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "report/metrics.h"
#include "train/checkpoint.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::int64_t, fs::path>;

std::optional<double> mean_over(const std::map<std::int64_t, double>& values, std::int64_t after, std::int64_t to) {
  double sum = 0;
  int count = 0;
  for (auto value = values.upper_bound(after); value != values.end() && value->first <= to; ++value, ++count) sum += value->second;
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

// The critic's estimate of the divergence is all a run knows of its quality without a judge from outside.  It is read from the log, so that
// no checkpoint depends on how often the run logs.
std::optional<std::int64_t> best_of(const Files& files, const fs::path& run, std::int64_t every) {
  const std::map<std::int64_t, double> bounds = read_metric(run / "metrics.jsonl", "bound");
  std::optional<std::int64_t> best;
  double lowest = std::numeric_limits<double>::infinity();
  for (const auto& [step, path] : files) {
    const std::optional<double> mean = mean_over(bounds, step - every, step);
    if (!mean || *mean >= lowest) continue;
    lowest = *mean;
    best = step;
  }
  return best;
}

}  // namespace

void prune_checkpoints(const fs::path& run, std::int64_t step, const TrainOptions& options) try {
  Files files = checkpoint_files(run);
  files.erase(files.upper_bound(step), files.end());
  const std::optional<std::int64_t> best = options.keep_best ? best_of(files, run, options.checkpoint_every) : std::nullopt;
  const auto scheduled = [&](std::int64_t at) { return at % options.checkpoint_every == 0; };
  auto rank = static_cast<std::int64_t>(files.size());  // 1: the newest
  auto scheduled_rank = std::count_if(files.begin(), files.end(), [&](const auto& file) { return scheduled(file.first); });
  for (const auto& [at, path] : files) {
    const bool new_of_schedule = scheduled(at) && scheduled_rank-- <= options.keep;
    const bool stays = rank-- <= options.keep || new_of_schedule || (options.keep_every > 0 && at % options.keep_every == 0) || at == best;
    std::error_code ignored;  // one that cannot be removed now is tried again next time
    if (!stays) fs::remove(path, ignored);
  }
  if (best == step) log::info("checkpoint {} has the lowest mean bound so far", step);
} catch (const Error& error) {
  log::warn("old checkpoints stay: {}", error.what());
}

}  // namespace fgan
