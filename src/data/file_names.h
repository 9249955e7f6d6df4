// What the names of files and folders say about their part in a data set.
#pragma once

#include <filesystem>
#include <string>

namespace fgan {

// The name without its folder, in small letters.
std::string lower_name(const std::filesystem::path& path);

bool is_hidden(const std::filesystem::path& path);

// Whether a file in a folder is taken for a picture: .png, .jpg and .jpeg in any case.  What is in it is another question.
bool is_picture_name(const std::filesystem::path& path);

// Kept for measuring, never trained on unless named themselves: files with one of the words t10k, test, testing, val, valid and
// validation in their names, folders that are named so.
bool is_held_out_file(const std::filesystem::path& path);
bool is_held_out_folder(const std::filesystem::path& path);

}  // namespace fgan
