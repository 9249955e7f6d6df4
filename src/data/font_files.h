// Where fonts are: the TrueType, OpenType and Type 1 files below folders, told by their names.
#pragma once

#include <filesystem>
#include <vector>

namespace fgan {

// The folders of the system and of the user that exist, as the XDG base directories name them.
std::vector<std::filesystem::path> font_folders();

// Each file once, sorted, however many links lead to it.  Folders below that cannot be read are passed over; throws Error(data) for a
// folder of the list that is missing or cannot be read.
std::vector<std::filesystem::path> find_font_files(const std::vector<std::filesystem::path>& folders);

}  // namespace fgan
