// INI files: text to (line, section, key, value).  inih splits sections, keys and values; here are the counting of its lines and the
// strictness that a training needs: what is not understood is an error with its place, never passed over.
//
// Comments begin with ; or # at the start of a line or after a space.  Keys and sections are case-sensitive.  A section may come twice,
// a key within it once.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fgan {

struct IniLine {
  int number = 0;
  std::string section;
  std::string key;    // empty: the header of the section
  std::string value;  // may be empty
};

// `name` is the file's in messages.  Throws Error(usage), "NAME:LINE: message".
std::vector<IniLine> parse_ini(std::string_view text, const std::string& name);

// Throws Error(usage) when the file is missing, a folder, or no INI file at all.
std::vector<IniLine> read_ini(const std::filesystem::path& path);

}  // namespace fgan
