#include "train/stop.h"

#include <unistd.h>
#include <csignal>
#include <cstdint>
#include <iterator>

#include "base/error.h"

namespace fgan {
namespace {

constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGUSR1};
struct sigaction inherited[std::size(kStopSignals)];  // a shell starts jobs in the background with INT ignored
volatile std::sig_atomic_t requested = 0;

extern "C" void note_signal(int signal) {
  if (signal == SIGINT && requested == SIGINT) _exit(130);
  requested = signal;
}

}  // namespace

void install_stop_handlers() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(kStopSignals); ++i) sigaction(kStopSignals[i], &action, &inherited[i]);
  // A file size limit or a closed pipe must arrive as an error of the write, not kill the program in the middle of it.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

void leave_at_stop_signals() {
  for (std::size_t i = 0; i < std::size(kStopSignals); ++i) sigaction(kStopSignals[i], &inherited[i], nullptr);
  if (requested != 0) raise(requested);
}

int stop_signal() { return requested; }

std::optional<std::chrono::seconds> parse_duration(const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0, number = 0;
  bool digits = false, units = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9' && number < 1'000'000'000) {
      number = 10 * number + (c - '0');
      digits = true;
      continue;
    }
    const std::int64_t unit = c == 'h' ? 3600 : c == 'm' ? 60 : c == 's' ? 1 : 0;
    if (unit == 0 || !digits) fail(Exit::usage, "train.max_time = {}: expected a time such as 90s, 15m, 2h or 1h30m", text);
    total += number * unit;
    number = 0;
    digits = false;
    units = true;
  }
  if (digits && units) fail(Exit::usage, "train.max_time = {}: the last number has no unit (s, m or h)", text);
  return std::chrono::seconds(total + number);
}

}  // namespace fgan
