// When to stop early: on a signal (INT, TERM, USR1) or after a time.  Both end a run with a complete checkpoint and exit code 75.  USR2
// asks for a checkpoint and does not end it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace fgan {

// The first thing main does: signals wait, through exec too, until there are handlers.
void hold_stop_signals();
// From here on they are noted, those that waited first.  A second INT leaves at once with exit code 130.
void install_stop_handlers();
// For what has no checkpoint to write: the signals do again what they did before, at once where one has come already.
void leave_at_stop_signals();
// For a run that has not begun and has nothing to save: from here on, until note_stop_signals(), a signal that asks to stop (or one that
// has) ends the program at once, whatever it is doing, with exit code 75 and a word about it.
void leave_unbegun_at_stop_signals();
void note_stop_signals();  // noted again

// The signal that asked to stop, 0 when none did.
int stop_signal();
// Whether USR2 has come since the last call.
bool take_checkpoint_request();

// Thrown where work can be left half done because a signal asked to stop.
struct StopRequested {};
void throw_if_stopping();

// "90s", "15m", "2h", "1h30m", "45" (seconds); nothing for an empty text.  Error(usage) otherwise.
std::optional<std::chrono::seconds> parse_duration(const std::string& text);

}  // namespace fgan
