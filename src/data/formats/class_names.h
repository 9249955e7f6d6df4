// Class names beside a data set: a text file with one name a line, line k naming label k.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace fgan {

// From `file` when it exists, else "0", "1", ... up to the largest label.  Throws Error(data) when the file does not name every label.
std::vector<std::string> class_names(const std::filesystem::path& file, std::span<const std::int32_t> labels);

}  // namespace fgan
