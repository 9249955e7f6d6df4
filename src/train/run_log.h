// What a run says while it runs: metrics.jsonl, and progress on the terminal or in the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "report/console.h"
#include "report/metrics.h"
#include "train/observation.h"

namespace fgan {

class RunLog {
 public:
  // A run that goes from step `begin` to `steps`; data_size: samples of an epoch.
  RunLog(const std::filesystem::path& folder, std::int64_t begin, std::int64_t steps, std::int64_t batch, std::int64_t data_size);

  void tick(std::int64_t step) { progress_.tick(step); }
  // Downloads what the step left behind, for which it waits, writes a line and returns it.
  Observation observe(Device& device, const GanStep& gan_step, const Players& players, std::int64_t step);
  void flush() { metrics_.flush(); }  // to the disk, before a checkpoint says that its step is done
  void finish() { progress_.finish(); }
  double seconds() const;  // since the beginning

 private:
  using Clock = std::chrono::steady_clock;

  MetricsFile metrics_;
  Progress progress_;
  std::int64_t batch_, data_size_, logged_step_;
  Clock::time_point started_ = Clock::now(), logged_at_ = started_;
};

}  // namespace fgan
