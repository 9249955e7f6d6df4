#include "report/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "base/log.h"

namespace fgan {
namespace {

constexpr std::chrono::milliseconds kBetweenDrawings{200};

bool can_rewrite() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string rate_text(double rate) { return rate >= 100 ? format("{:.0f}", rate) : format("{:.3g}", rate); }

}  // namespace

std::string duration_text(double seconds) {
  const auto s = static_cast<std::int64_t>(std::min(std::ceil(seconds), 1e15));
  if (s >= 86400) return format("{}d{:02}h", s / 86400, s / 3600 % 24);
  if (s >= 3600) return format("{}h{:02}m", s / 3600, s / 60 % 60);
  if (s >= 60) return format("{}m{:02}s", s / 60, s % 60);
  return format("{}s", s);
}

std::string progress_line(const ProgressFigures& f, std::size_t width) {
  const double percent =
      f.steps > 0 ? std::floor(100.0 * static_cast<double>(f.step) / static_cast<double>(f.steps)) : 100;  // 100 only at the end
  std::array<std::string, 5> fields{format("step {}/{}", f.step, f.steps), format("{:.0f} %", percent)};
  if (f.images_per_s > 0) fields[2] = rate_text(f.images_per_s) + " images/s", fields[3] = format("bound {:.4f}", f.bound);
  if (f.seconds_left >= 0 && f.step < f.steps) fields[4] = duration_text(f.seconds_left) + " left";
  std::string line;
  for (const std::string& field : fields) {
    if (field.empty()) continue;
    const std::string longer = line.empty() ? field : line + "  " + field;
    if (longer.size() > width) break;
    line = longer;
  }
  return line;
}

Progress::Progress(std::int64_t begin, std::int64_t steps) : begin_(begin), terminal_(can_rewrite()) {
  figures_.step = begin;
  figures_.steps = steps;
  if (!terminal_) return;
  log::set_before_line([this] {
    if (shown_.exchange(false)) std::fputs("\r\033[K", stderr);
  });
}

Progress::~Progress() { finish(); }

void Progress::finish() {
  if (!terminal_) return;
  log::set_before_line({});
  if (shown_.exchange(false)) std::fputs("\r\033[K", stderr);
  terminal_ = false;
}

void Progress::advance(std::int64_t step) {
  figures_.step = step;
  const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  if (step > begin_) figures_.seconds_left = seconds / static_cast<double>(step - begin_) * static_cast<double>(figures_.steps - step);
}

void Progress::observed(std::int64_t step, double images_per_s, double bound) {
  figures_.images_per_s = images_per_s;
  figures_.bound = bound;
  advance(step);
  log::write(terminal_ ? log::Level::debug : log::Level::info, progress_line(figures_, std::numeric_limits<std::size_t>::max()));
}

void Progress::tick(std::int64_t step) {
  if (!terminal_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < kBetweenDrawings) return;
  drawn_ = now;
  advance(step);
  draw();
}

void Progress::draw() {
  // One column stays free: writing into the last one makes some terminals wrap.
  std::fprintf(stderr, "\r%s\033[K", progress_line(figures_, terminal_width() - 1).c_str());
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace fgan
