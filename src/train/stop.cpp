#include "train/stop.h"

#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "base/error.h"

namespace fgan {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
struct sigaction inherited[std::size(kSignals)];  // a shell starts jobs in the background with INT ignored

// The kernel may run a handler on any thread, so these are atomic and not only sig_atomic_t.
std::atomic<int> requested = 0;
std::atomic<bool> interrupted = false, checkpoint_requested = false, unbegun = false;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free, "a handler must not wait for a lock");

[[noreturn]] void leave_unbegun() {
  constexpr std::string_view text = "fgan: stopped by a signal before the first step: nothing was begun and nothing is lost\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  _exit(static_cast<int>(Exit::stopped));
}

extern "C" void note_signal(int signal) {
  if (signal == SIGUSR2) {
    checkpoint_requested = true;
    return;
  }
  if (signal == SIGINT && interrupted.exchange(true)) _exit(130);
  requested = signal;
  if (unbegun) leave_unbegun();
}

sigset_t all_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kSignals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void hold_stop_signals() {
  const sigset_t set = all_signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

void install_stop_handlers() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &action, &inherited[i]);
  // A file size limit or a closed pipe must arrive as an error of the write, not kill the program in the middle of it.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = all_signals();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void leave_at_stop_signals() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &inherited[i], nullptr);
  if (requested != 0) raise(requested);
}

void leave_unbegun_at_stop_signals() {
  unbegun = true;
  if (requested != 0) leave_unbegun();
}

void note_stop_signals() { unbegun = false; }

int stop_signal() { return requested; }

bool take_checkpoint_request() { return checkpoint_requested.exchange(false); }

void throw_if_stopping() {
  if (stop_signal() != 0) throw StopRequested();
}

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
