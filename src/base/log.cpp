// spdlog formats the lines; the file behind log.txt is a LineFile, so that a line is there as soon as it was logged and is never torn.
#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace fgan::log {
namespace {

class LineSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {  // State::mutex guards it
 public:
  explicit LineSink(const std::string& path) : file_(path) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    file_.append({line.data(), line.size()});
  }
  void flush_() override {}

 private:
  LineFile file_;
};

std::unique_ptr<spdlog::formatter> formatter(const char* pattern, const char* end_of_line) {
  return std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::local, end_of_line);
}

spdlog::color_mode colours() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && *no_color != '\0' ? spdlog::color_mode::never : spdlog::color_mode::automatic;
}

struct Line {
  spdlog::log_clock::time_point time;
  Level level;
  std::string text;
};

// The one mutable global of the program: every module logs, and handing a logger through all of them would buy nothing.
struct State {
  std::mutex mutex;
  spdlog::sinks::stderr_color_sink_st terminal{colours()};
  std::unique_ptr<LineSink> file;
  std::vector<Line> early;  // until there is a file for the first time
  bool had_file = false;
  std::function<void()> before_line;

  State() {
    terminal.set_formatter(formatter("%^%v%$", "\n"));
    terminal.set_level(spdlog::level::info);
    terminal.set_color(spdlog::level::info, "");  // only what needs attention is coloured
  }
};

State& state() {
  static State* const forever = new State;  // never destroyed: destructors of others may log
  return *forever;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

const char* prefix(Level level) {
  switch (level) {
    case Level::debug: return "debug: ";
    case Level::info: return "";
    case Level::warn: return "warning: ";
    case Level::error: return "error: ";
  }
  return "";
}

void to_terminal(State& s, Level level, std::string_view line) {
  if (!s.terminal.should_log(level_of(level))) return;
  if (s.before_line) s.before_line();
  s.terminal.log({"", level_of(level), std::string(prefix(level)).append(line)});
  s.terminal.flush();
}

}  // namespace

void set_level(Level level) {
  const std::lock_guard lock(state().mutex);
  state().terminal.set_level(level_of(level));
}

void set_before_line(std::function<void()> hook) {
  const std::lock_guard lock(state().mutex);
  state().before_line = std::move(hook);
}

void open_file(const std::string& path) {
  auto file = std::make_unique<LineSink>(path);
  file->set_formatter(formatter("%Y-%m-%d %H:%M:%S.%e %z %l: %v", ""));
  State& s = state();
  const std::lock_guard lock(s.mutex);
  for (const Line& line : std::exchange(s.early, {})) file->log({line.time, {}, "", level_of(line.level), line.text});
  s.had_file = true;
  s.file = std::move(file);
}

void close_file() {
  const std::lock_guard lock(state().mutex);
  state().file.reset();
}

void write(Level level, std::string_view text) {
  const std::string line = printable(text);
  State& s = state();
  const std::lock_guard lock(s.mutex);
  to_terminal(s, level, line);
  if (!s.had_file) s.early.push_back({spdlog::log_clock::now(), level, std::string(line)});
  if (!s.file) return;
  try {
    s.file->log({"", level_of(level), {line.data(), line.size()}});
  } catch (const Error& error) {  // a full disk must not end a training through its log
    s.file.reset();
    to_terminal(s, Level::warn, format("the log file is given up: {}", error.what()));
  }
}

}  // namespace fgan::log
