// What data.path names: the format, found by content, and the files to train on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fgan {

enum class DataFormat { idx, cifar, pictures, packed };

struct LocatedData {
  DataFormat format;
  std::vector<std::filesystem::path> files;     // IDX, packed: one; CIFAR-10: the batches; pictures: one folder, or one picture
  std::vector<std::filesystem::path> left_out;  // test sets beside them
};

// Of a folder: CIFAR-10 batches, an IDX file, what is in its subfolder train, or pictures, whichever is there first.  Test sets are not
// chosen from a folder (file_names.h), nor are packed images, which lie beside their source.  Throws Error(data) where there is nothing
// else.
LocatedData locate_data(const std::filesystem::path& path);

// ", not trained on: test, val"; or empty.
std::string describe_left_out(const LocatedData& data);

}  // namespace fgan
