#include "config/ini.h"

#include <ini.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace fgan {
namespace {

// A line of the resolved configuration holds the longest value (option_table.h) and the place it comes from, a path again.
constexpr std::size_t kLongestLine = 16384, kLongestName = 40;  // inih cuts names at 50 and, unless rebuilt, lines at 200 bytes
constexpr std::uintmax_t kLargestFile = 1 << 20;

struct Line {
  int number;
  std::string_view text;
};

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && (is_space(text.back()) || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] == ';' || text[i] == '#') && (i == 0 || is_space(text[i - 1]))) return text.substr(0, i);
  return text;
}

void check_is_text(std::string_view line, const std::string& place) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  for (const char c : line)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
      fail(Exit::usage, "{}: byte 0x{:02x} has no place in a text file: is this an INI file?", place, static_cast<unsigned char>(c));
  if (line.size() > kLongestLine) fail(Exit::usage, "{}: the line is longer than {} bytes", place, kLongestLine);
}

void check_header(std::string_view line, const std::string& place) {
  if (!line.ends_with(']')) fail(Exit::usage, "{}: expected [section], found '{}'", place, line);
  if (line.size() > kLongestName) fail(Exit::usage, "{}: unknown section {}...]", place, line.substr(0, kLongestName));
}

void check_pair(std::string_view line, const std::string& place) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) fail(Exit::usage, "{}: expected key = value, found '{}'", place, line.substr(0, 60));
  const std::string_view key = trimmed(line.substr(0, equals));
  if (key.empty()) fail(Exit::usage, "{}: expected key = value, found no key before '='", place);
  if (key.find(':') != std::string_view::npos) fail(Exit::usage, "{}: expected key = value, found ':' in '{}'", place, key.substr(0, 60));
  if (key.size() > kLongestName) fail(Exit::usage, "{}: unknown key '{}...'", place, key.substr(0, kLongestName));
}

// Lines with their numbers.
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back({number, text.substr(0, end)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<Line> clean_lines(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::vector<Line> raw_lines = lines_of(text);
  // All of them first: further messages quote lines, and those of a binary file would garble the terminal.
  for (const Line& raw : raw_lines) check_is_text(raw.text, format("{}:{}", name, raw.number));
  std::vector<Line> lines;
  bool in_section = false;
  for (const auto& [number, raw] : raw_lines) {
    const std::string place = format("{}:{}", name, number);
    const std::string_view line = trimmed(without_comment(trimmed(raw)));
    if (line.empty()) continue;
    if (line.front() == '[') check_header(line, place);
    else if (!in_section && line.find('=') != std::string_view::npos)
      fail(Exit::usage, "{}: '{}' comes before the first [section]", place, line.substr(0, 60));
    else check_pair(line, place);
    in_section = in_section || line.front() == '[';
    lines.push_back({number, line});
  }
  return lines;
}

// inih drops spaces at the ends of a piece and takes some ; and # for comments; what is clean text must pass as it is.  Control bytes
// do, and clean lines have none.
constexpr std::string_view kPlain = " \t;#", kPassing = "\x01\x02\x03\x04";

std::string translated(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  for (char& c : out)
    if (const std::size_t at = from.find(c); at != std::string_view::npos) c = to[at];
  return out;
}

// Hands inih the clean lines.  A line that does not fit its buffer goes in pieces: inih takes a line that begins with a space as the
// continuation of the value before and calls back with the same key.
class Parser {
 public:
  explicit Parser(std::vector<Line> lines) : lines_(std::move(lines)) {}

  std::vector<IniLine> parse() {
    const int error = ini_parse_stream(&Parser::read, this, &Parser::handle, this);
    FGAN_CHECK(error == 0 && next_ == lines_.size(), "inih stops at the {}-th piece of clean lines", error);
    return std::move(found_);
  }

 private:
  // Called from C: noexcept, because nothing may be thrown through it (only want of memory could be).
  static char* read(char* buffer, int size, void* self) noexcept {
    return static_cast<Parser*>(self)->next_piece(buffer, static_cast<std::size_t>(size));
  }
  static int handle(void* self, const char* section, const char* key, const char* value) noexcept {
    static_cast<Parser*>(self)->add(section, key, value);
    return 1;
  }

  char* next_piece(char* buffer, std::size_t size) {
    if (rest_.empty() && next_ == lines_.size()) return nullptr;
    char* out = buffer;
    if (rest_.empty()) begin_line(lines_[next_++]);
    else *out++ = ' ';
    const std::size_t count = std::min(rest_.size(), size - 4);  // the space in front, newline, end, and inih's own reserve
    out = std::copy_n(rest_.data(), count, out);
    *out++ = '\n';
    *out = '\0';
    rest_.erase(0, count);
    return buffer;
  }

  void begin_line(const Line& line) {
    number_ = line.number;
    rest_ = line.text;
    if (line.text.front() == '[') {
      found_.push_back({number_, std::string(trimmed(line.text.substr(1, line.text.size() - 2))), {}, {}});
      return;
    }
    const std::size_t equals = line.text.find('=');
    rest_ = std::string(trimmed(line.text.substr(0, equals))) + "=" + translated(trimmed(line.text.substr(equals + 1)), kPlain, kPassing);
  }

  void add(const char* section, const char* key, const char* value) {
    const std::string text = translated(value, kPassing, kPlain);
    if (!found_.empty() && found_.back().number == number_) found_.back().value += text;
    else found_.push_back({number_, std::string(trimmed(section)), key, text});
  }

  std::vector<Line> lines_;
  std::size_t next_ = 0;
  std::string rest_;  // of the current line, as it goes to inih
  int number_ = 0;
  std::vector<IniLine> found_;
};

void check_duplicates(const std::vector<IniLine>& lines, const std::string& name) {
  std::map<std::pair<std::string, std::string>, int> first;
  for (const IniLine& line : lines) {
    if (line.key.empty()) continue;
    const auto [at, added] = first.emplace(std::pair(line.section, line.key), line.number);
    if (!added)
      fail(Exit::usage, "{}:{}: duplicate key '{}' in [{}]: first in line {}", name, line.number, line.key, line.section, at->second);
  }
}

}  // namespace

std::vector<IniLine> parse_ini(std::string_view text, const std::string& name) {
  std::vector<IniLine> lines = Parser(clean_lines(text, name)).parse();
  check_duplicates(lines, name);
  return lines;
}

std::vector<IniLine> read_ini(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    const std::string why = status.type() == fs::file_type::not_found ? "there is no such file" : error.message();
    fail(Exit::usage, "{}: the configuration cannot be read: {}", path.string(), why);
  }
  if (fs::is_directory(status)) fail(Exit::usage, "{}: this is a folder, not an INI file", path.string());
  std::vector<std::byte> bytes;
  try {
    bytes = read_file(path, kLargestFile);
  } catch (const Error& unreadable) {
    fail(Exit::usage, "{}", unreadable.what());
  }
  return parse_ini({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

}  // namespace fgan
