#include "data/locate.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/error.h"
#include "data/file_names.h"
#include "data/formats/cifar.h"
#include "data/formats/idx.h"
#include "data/formats/packed.h"
#include "image/decode.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

struct Entries {
  Paths files, folders;  // sorted; hidden ones are not there
};

Entries entries_of(const fs::path& folder) {
  Entries entries;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    std::error_code ignored;
    if (is_hidden(i->path())) continue;
    if (i->is_regular_file(ignored)) entries.files.push_back(i->path());
    if (i->is_directory(ignored)) entries.folders.push_back(i->path());
  }
  if (error) fail(Exit::data, "cannot read the folder '{}': {}", folder.string(), error.message());
  std::sort(entries.files.begin(), entries.files.end());
  std::sort(entries.folders.begin(), entries.folders.end());
  return entries;
}

// Those for which `moved` is true leave `paths`.
template <class F>
Paths take(Paths& paths, F&& moved) {
  Paths taken;
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(taken), moved);
  std::erase_if(paths, moved);
  return taken;
}

// A set that was unpacked beside its archive ("x" and "x.gz") is one set.
void drop_packed_twins(Paths& files) {
  std::erase_if(files, [copy = files](const fs::path& file) {
    return file.extension() == ".gz" && std::count(copy.begin(), copy.end(), file.parent_path() / file.stem()) > 0;
  });
}

[[noreturn]] void only_held_out(const fs::path& folder, const fs::path& example) {
  fail(Exit::data, "'{}' holds test images only; name '{}' itself to train on it nevertheless", folder.string(), example.string());
}

LocatedData located_idx(const fs::path& folder, Paths images) {
  const Paths held_out = take(images, is_held_out_file);
  if (images.empty()) only_held_out(folder, held_out.front());
  drop_packed_twins(images);
  const auto is_training = [](const fs::path& file) { return lower_name(file).find("train") != std::string::npos; };
  if (std::any_of(images.begin(), images.end(), is_training)) images = take(images, is_training);
  if (images.size() == 1) return {DataFormat::idx, images, held_out};
  std::string names;
  for (const auto& file : images) names += (names.empty() ? "" : ", ") + file.filename().string();
  fail(Exit::data, "'{}' holds several files of images ({}); name the one to train on", folder.string(), names);
}

bool is_cifar_batch(const fs::path& path) {
  const std::string name = lower_name(path);
  return name.starts_with("data_batch_") && name.ends_with(".bin");
}
bool is_cifar_test(const fs::path& path) { return lower_name(path) == "test_batch.bin"; }

// Or folders, where pictures may lie deeper.
bool holds_pictures(const Entries& entries) {
  return !entries.folders.empty() || std::any_of(entries.files.begin(), entries.files.end(), is_picture_name);
}

// CIFAR-10 batches, an IDX file or, where there are no pictures, a packed set in the folder itself.
std::optional<LocatedData> locate_records(const fs::path& folder, const Entries& entries) {
  Paths others = entries.files;
  std::erase_if(others, is_picture_name);  // there may be a million, and each would be opened
  const Paths tests = take(others, is_cifar_test);
  if (const Paths batches = take(others, is_cifar_batch); !batches.empty()) return LocatedData{DataFormat::cifar, batches, tests};
  if (const Paths images = take(others, is_idx_images); !images.empty()) return located_idx(folder, images);
  if (holds_pictures(entries)) return std::nullopt;
  if (const Paths packed = take(others, is_packed); packed.size() == 1) return LocatedData{DataFormat::packed, packed, {}};
  return std::nullopt;
}

// Pictures, which may lie deeper.
LocatedData locate_pictures(const fs::path& folder, Entries entries) {
  Paths held_out = take(entries.files, is_cifar_test);
  for (fs::path& path : take(entries.folders, is_held_out_folder)) held_out.push_back(std::move(path));
  if (!held_out.empty() && !holds_pictures(entries)) only_held_out(folder, held_out.front());
  return {DataFormat::pictures, {folder}, held_out};
}

// Whether a folder `train` is the training part of a set, and not a class of vehicles.
bool is_split(const Entries& entries) {
  return std::any_of(entries.folders.begin(), entries.folders.end(), is_held_out_folder) ||
         (entries.folders.size() == 1 && std::none_of(entries.files.begin(), entries.files.end(), is_picture_name));
}

LocatedData locate_in_folder(const fs::path& folder) {
  const Entries entries = entries_of(folder);
  if (auto records = locate_records(folder, entries)) return *records;
  const auto is_train = [](const fs::path& path) { return lower_name(path) == "train"; };
  const auto train = std::find_if(entries.folders.begin(), entries.folders.end(), is_train);
  if (train == entries.folders.end() || !is_split(entries)) return locate_pictures(folder, entries);
  const Entries within = entries_of(*train);
  auto records = locate_records(*train, within);
  LocatedData located = records ? *records : locate_pictures(*train, within);
  std::copy_if(entries.folders.begin(), entries.folders.end(), std::back_inserter(located.left_out), std::not_fn(is_train));
  return located;
}

LocatedData locate_file(const fs::path& path) {
  if (image_kind(path) != ImageKind::unknown) return {DataFormat::pictures, {path}, {}};
  if (is_idx_images(path)) return {DataFormat::idx, {path}, {}};
  if (is_packed(path)) return {DataFormat::packed, {path}, {}};
  if (lower_name(path).ends_with(".bin") || is_cifar(path)) return {DataFormat::cifar, {path}, {}};
  return {DataFormat::idx, {path}, {}};  // whose reader says what it is not
}

}  // namespace

LocatedData locate_data(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  switch (status.type()) {
    case fs::file_type::directory: return locate_in_folder(path);
    case fs::file_type::regular: return locate_file(path);
    case fs::file_type::not_found: fail(Exit::data, "the data '{}' does not exist; data.path names a file or a folder", path.string());
    case fs::file_type::none: fail(Exit::data, "cannot read the data '{}': {}", path.string(), error.message());
    default: fail(Exit::data, "the data '{}' is neither a file nor a folder, which is what data.path names", path.string());
  }
}

std::string describe_left_out(const LocatedData& data) {
  std::string text;
  for (const auto& path : data.left_out) text += (text.empty() ? ", not trained on: " : ", ") + path.filename().string();
  return text;
}

}  // namespace fgan
