// When to stop early: on a signal (INT, TERM, USR1) or after a time.  Both end a run with a complete checkpoint and exit code 75.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace fgan {

// Installs the handlers; the first thing main does.  A second INT leaves at once.
void install_stop_handlers();
// For what has no checkpoint to write: the signals do again what they did before, at once where one has come already.
void leave_at_stop_signals();
// The signal that asked to stop, 0 when none did.
int stop_signal();

// "90s", "15m", "2h", "1h30m", "45" (seconds); nothing for an empty text.  Error(usage) otherwise.
std::optional<std::chrono::seconds> parse_duration(const std::string& text);

}  // namespace fgan
