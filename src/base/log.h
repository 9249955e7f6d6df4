// Logging facade: the only folder that sees spdlog.  Human lines on stderr; the run's log.txt is a second sink once it exists.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/format.h"

namespace fgan::log {

enum class Level { debug, info, warn, error };

// Sets the level of the stderr sink.  Lines are also written to the file given to open_file, whatever the level there.
void set_level(Level level);

// Called before each line that goes to stderr: whoever keeps a progress line on the terminal wipes it there.  Empty: nothing.
void set_before_line(std::function<void()> hook);

// Appends all further lines, with time and zone, to `path`, and when it is the first file those before it too: what was said of the data
// before there was a folder for the run belongs in its log.  Throws Error(output) when it cannot be opened.
void open_file(const std::string& path);
void close_file();

void write(Level level, std::string_view line);

template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::warn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::error, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::debug, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace fgan::log
