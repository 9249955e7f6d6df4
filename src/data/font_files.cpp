#include "data/font_files.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "base/error.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

bool is_font_name(const fs::path& path) {
  constexpr std::array<std::string_view, 7> kEndings{".ttf", ".otf", ".ttc", ".otc", ".pfb", ".pfa", ".t1"};
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

// Links are followed; what was seen is not entered again, so that a link to a parent ends.
struct Search {
  std::set<fs::path> folders, files;

  std::error_code enter(const fs::path& folder) {
    std::error_code error, ignored;
    const fs::path real = fs::canonical(folder, error);
    if (error || !folders.insert(real).second) return error;
    for (fs::directory_iterator i(real, error), end; !error && i != end; i.increment(error)) {
      if (i->is_directory(ignored)) {
        enter(i->path());
      } else if (is_font_name(i->path()) && i->is_regular_file(ignored)) {
        const fs::path file = fs::canonical(i->path(), ignored);
        if (!ignored) files.insert(file);
      }
    }
    return error;
  }
};

}  // namespace

std::vector<fs::path> font_folders() {
  const fs::path home = variable("HOME", "");
  std::vector<fs::path> folders{home / ".fonts", fs::path(variable("XDG_DATA_HOME", (home / ".local/share").c_str())) / "fonts"};
  std::istringstream shared(variable("XDG_DATA_DIRS", "/usr/local/share:/usr/share"));
  for (std::string folder; std::getline(shared, folder, ':');) folders.push_back(fs::path(folder) / "fonts");
  std::erase_if(folders, [](const fs::path& folder) {
    std::error_code ignored;
    return !folder.is_absolute() || !fs::is_directory(folder, ignored);
  });
  return folders;
}

std::vector<fs::path> find_font_files(const std::vector<fs::path>& folders) {
  Search search;
  for (const fs::path& folder : folders) {
    if (const std::error_code error = search.enter(folder)) {
      fail(Exit::data, "cannot read the folder of fonts '{}': {}", folder.string(), error.message());
    }
  }
  return {search.files.begin(), search.files.end()};
}

}  // namespace fgan
