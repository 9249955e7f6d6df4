// Where cuDNN and cuBLASLt may lie.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fgan::cuda {

// What the search depends on of the process and the machine.
struct Surroundings {
  std::string libraries;    // $FGAN_CUDA_LIBRARIES: folders separated by colons
  std::string path;         // $PATH
  std::string environment;  // $VIRTUAL_ENV
  std::vector<std::string> toolkits;
  std::filesystem::path program;
};
Surroundings surroundings();

// Folders that exist, in the order in which they are looked at: the user's, beside the program, toolkits, Python's packages.
std::vector<std::filesystem::path> library_folders(const Surroundings&);

// The first of these names that the loader finds by itself or in a folder; null when there is none.  Stays loaded.
void* load_library(const std::vector<std::string>& names, const std::vector<std::filesystem::path>& folders);

}  // namespace fgan::cuda
