#include "data/formats/picture_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "data/file_names.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;

class Walk {
 public:
  explicit Walk(PictureFiles& found) : found_(found) {}

  void enter(const fs::path& folder) {  // below root
    std::error_code error;
    const fs::path absolute = found_.root / folder;
    struct stat status {};
    if (::stat(absolute.c_str(), &status) == 0 && !entered_.emplace(status.st_dev, status.st_ino).second) return;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator i(absolute, error), end; !error && i != end; i.increment(error)) entries.push_back(*i);
    if (error) fail(Exit::data, "cannot read the folder '{}': {}; make it readable or move it away", absolute.string(), error.message());
    std::sort(entries.begin(), entries.end());  // links to one folder: the first by name is entered
    for (const fs::directory_entry& entry : entries) take(entry, folder);
  }

 private:
  void take(const fs::directory_entry& entry, const fs::path& folder) {
    const fs::path name = folder / entry.path().filename();
    if (is_hidden(name)) return;
    std::error_code ignored;
    switch (entry.status(ignored).type()) {
      case fs::file_type::directory:
        if (!folder.empty() || !is_held_out_folder(name)) enter(name);
        return;
      case fs::file_type::regular:
      case fs::file_type::not_found:  // a broken link
      case fs::file_type::none:       // no permission, links in a circle: the header's reader says so
      case fs::file_type::unknown:
        if (!is_picture_name(name)) break;
        found_.names.push_back(name.native());
        return;
      default: break;
    }
    ++found_.others;
  }

  PictureFiles& found_;
  std::set<std::pair<dev_t, ino_t>> entered_;
};

std::string first_folder(const std::string& name) {
  const std::size_t slash = name.find('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

void label(PictureFiles& files) {
  std::set<std::string> classes;
  for (const std::string& name : files.names) classes.insert(first_folder(name));
  classes.erase("");
  files.classes.assign(classes.begin(), classes.end());
  if (classes.empty()) return;
  for (const std::string& name : files.names) {
    const auto at = std::lower_bound(files.classes.begin(), files.classes.end(), first_folder(name));
    files.labels.push_back(name.find('/') == std::string::npos ? -1 : static_cast<std::int32_t>(at - files.classes.begin()));
  }
}

}  // namespace

PictureFiles list_pictures(const fs::path& path) {
  std::error_code ignored;
  PictureFiles files;
  files.given = path;
  if (!fs::is_directory(path, ignored)) {
    files.root = path.parent_path();
    files.names.push_back(path.filename().native());
    return files;
  }
  files.root = path;
  Walk(files).enter({});
  if (files.names.empty() && files.others == 0)
    fail(Exit::data, "the folder '{}' holds no files; put the training images there or name another folder", path.string());
  if (files.names.empty()) {
    fail(Exit::data,
         "none of the {} in '{}' is an IDX file of 8-bit images (plain or gzip), a CIFAR-10 batch (data_batch_*.bin) or a picture "
         "(.png, .jpg, .jpeg); name another folder, or convert pictures of other kinds to PNG",
         counted(files.others, "file", "files"), path.string());
  }
  std::sort(files.names.begin(), files.names.end());
  label(files);
  return files;
}

}  // namespace fgan
