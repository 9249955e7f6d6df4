#include "data/file_names.h"

namespace fgan {
std::string lower_name(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

bool is_hidden(const std::filesystem::path& path) { return path.filename().string().starts_with('.'); }

bool is_picture_name(const std::filesystem::path& path) {
  const std::string name = lower_name(path);
  return name.ends_with(".png") || name.ends_with(".jpg") || name.ends_with(".jpeg");
}

bool is_held_out_file(const std::filesystem::path& path) {
  const std::string name = lower_name(path);
  return name.find("t10k") != std::string::npos || name.find("test") != std::string::npos;
}

bool is_held_out_folder(const std::filesystem::path& path) {
  const std::string name = lower_name(path);
  return name == "test" || name == "val" || name == "validation";
}

}  // namespace fgan
