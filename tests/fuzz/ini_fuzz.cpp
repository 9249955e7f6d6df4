// INI files, and what their values mean.
#include <algorithm>
#include <string>

#include "configuration.h"

using namespace fgan;
using namespace fgan::fuzz;

namespace {

std::string written(const std::vector<IniLine>& lines) {
  std::string text;
  for (const IniLine& line : lines) text += line.key.empty() ? format("[{}]\n", line.section) : format("{}={}\n", line.key, line.value);
  return text;
}

bool same(const IniLine& a, const IniLine& b) { return a.section == b.section && a.key == b.key && a.value == b.value; }

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<IniLine> lines;
  if (!accepts(Exit::usage, [&] { lines = parse_ini(text_of(data, size), "fuzz.ini"); })) return 0;
  const std::vector<IniLine> again = parse_ini(written(lines), "again");
  require(std::equal(lines.begin(), lines.end(), again.begin(), again.end(), same), "written lines read back equal");
  ResolvedConfig config;
  if (accepts(Exit::usage, [&] { config = resolve(from_lines(lines, "fuzz.ini", "/folder")); })) require_reads_back(config);
  return 0;
}
