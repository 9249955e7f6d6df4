// Progress for the person in front of the terminal: there, one line that is rewritten; elsewhere, plain log lines.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace fgan {

struct ProgressFigures {
  std::int64_t step = 0, steps = 0;
  double images_per_s = 0, bound = 0;
  double seconds_left = -1;  // negative: unknown
};

// "step 120/1000  12 %  4512 images/s  bound -0.5321  2m10s left" in at most `width` characters: the last figures go first.
std::string progress_line(const ProgressFigures& figures, std::size_t width);

std::string duration_text(double seconds);  // "1h02m", "2m10s", "7s"

class Progress {
 public:
  // A training that goes from step `begin` to `steps`.
  Progress(std::int64_t begin, std::int64_t steps);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // New figures, at the log interval: a log line, which a terminal does not show because it has the progress line.
  void observed(std::int64_t step, double images_per_s, double bound);
  // After each step; draws at most five times a second and only on a terminal.
  void tick(std::int64_t step);
  // Wipes the progress line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void advance(std::int64_t step);
  void draw();

  ProgressFigures figures_;
  std::int64_t begin_;
  Clock::time_point started_ = Clock::now(), drawn_{};
  bool terminal_;
  std::atomic<bool> shown_ = false;  // other threads log, and logging wipes the line
};

}  // namespace fgan
