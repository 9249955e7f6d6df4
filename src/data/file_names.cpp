#include "data/file_names.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fgan {
namespace {

bool is_held_out_word(std::string_view word) {
  constexpr std::array<std::string_view, 6> kWords{"t10k", "test", "testing", "val", "valid", "validation"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

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
  const auto in_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (std::size_t begin = 0; begin < name.size();) {
    std::size_t end = begin;
    while (end < name.size() && in_word(name[end])) ++end;
    if (is_held_out_word(std::string_view(name).substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

bool is_held_out_folder(const std::filesystem::path& path) { return is_held_out_word(lower_name(path)); }

}  // namespace fgan
