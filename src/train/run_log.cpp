#include "train/run_log.h"

#include <algorithm>

namespace fgan {

RunLog::RunLog(const std::filesystem::path& folder, std::int64_t begin, std::int64_t steps, std::int64_t batch, std::int64_t data_size)
    : metrics_(folder / "metrics.jsonl", begin), progress_(begin, steps), batch_(batch), data_size_(data_size), logged_step_(begin) {}

double RunLog::seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

Observation RunLog::observe(Device& device, const GanStep& gan_step, const Players& players, std::int64_t step) {
  const Range range(device, "metrics");
  const Observation seen = download_observation(device, gan_step, players);
  const auto now = Clock::now();
  const double elapsed = std::max(std::chrono::duration<double>(now - logged_at_).count(), 1e-9);
  const double rate = static_cast<double>((step - logged_step_) * batch_) / elapsed;
  const double epoch = static_cast<double>(step * gan_step.batches() * batch_) / static_cast<double>(data_size_);
  logged_step_ = step;
  logged_at_ = now;
  metrics_.write(metrics_of(seen, step, epoch, rate));
  progress_.observed(step, rate, seen.critic[static_cast<std::size_t>(GameStat::bound)]);
  return seen;
}

}  // namespace fgan
