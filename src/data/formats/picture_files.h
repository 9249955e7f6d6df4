// The PNG and JPEG files of a folder, found by their names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fgan {

// As deep as folders go; the first folder on the way is the class.  Links are followed, but no folder is entered twice;
// hidden files and folders are passed over, at the top folders of test sets (file_names.h), too.
struct PictureFiles {
  std::filesystem::path given;       // a folder, or one file
  std::filesystem::path root;        // that folder, or that file's
  std::vector<std::string> names;    // below root, in the order of their bytes
  std::vector<std::int32_t> labels;  // one for each name, -1: directly in root; empty where all are
  std::vector<std::string> classes;
  std::int64_t others = 0;  // files that are no pictures by their names

  std::int64_t count() const { return static_cast<std::int64_t>(names.size()); }
  std::filesystem::path path(std::int64_t index) const { return root / names[static_cast<std::size_t>(index)]; }
};

// Throws Error(data) when a folder cannot be read or there are no pictures.
PictureFiles list_pictures(const std::filesystem::path& path);

}  // namespace fgan
