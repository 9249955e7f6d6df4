#include "data/formats/class_names.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace fgan {
namespace {

constexpr std::uintmax_t kMaxBytes = 1 << 20;

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines(1);
  for (const std::byte b : read_file(file, kMaxBytes)) {
    const char c = static_cast<char>(b);
    if (c == '\n') lines.emplace_back();
    else if (c != '\r') lines.back() += c;
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

std::vector<std::string> class_names(const std::filesystem::path& file, std::span<const std::int32_t> labels) {
  if (labels.empty()) return {};
  const auto wanted = static_cast<std::size_t>(*std::max_element(labels.begin(), labels.end()) + 1);
  std::vector<std::string> names;
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    names = lines_of(file);
    if (names.size() < wanted) {
      fail(Exit::data, "'{}' names {}, but the label {} occurs; give it one name a line for every label, or remove it", file.string(),
           counted(static_cast<std::int64_t>(names.size()), "class", "classes"), wanted - 1);
    }
    return names;
  }
  for (std::size_t label = 0; label < wanted; ++label) names.push_back(std::to_string(label));
  return names;
}

}  // namespace fgan
