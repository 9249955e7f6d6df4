#include "device/cuda/libraries.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace fgan::cuda {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (colon > 0) parts.emplace_back(text.substr(0, colon));
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return parts;
}

// lib/python3.*/{site,dist}-packages/nvidia/*/lib below a prefix.
void add_python(std::vector<fs::path>& folders, const fs::path& prefix) {
  std::error_code ignored;
  for (const char* lib : {"lib", "local/lib"})
    for (const auto& entry : fs::directory_iterator(prefix / lib, ignored)) {
      if (!entry.path().filename().string().starts_with("python3")) continue;
      for (const char* packages : {"site-packages", "dist-packages"})
        for (const char* package : {"cudnn", "cu13", "cublas", "cuda_nvrtc"})
          folders.push_back(entry.path() / packages / "nvidia" / package / "lib");
    }
}

}  // namespace

Surroundings surroundings() {
  std::error_code ignored;
  return {variable("FGAN_CUDA_LIBRARIES"),
          variable("PATH"),
          variable("VIRTUAL_ENV"),
          {variable("CUDA_HOME"), variable("CUDA_PATH"), "/usr/local/cuda"},
          fs::read_symlink("/proc/self/exe", ignored)};
}

std::vector<fs::path> library_folders(const Surroundings& s) {
  std::vector<fs::path> wanted;
  for (const std::string& folder : split(s.libraries)) wanted.emplace_back(folder);
  if (!s.program.empty()) wanted.push_back(s.program.parent_path().parent_path() / "lib");
  for (const std::string& toolkit : s.toolkits)
    if (!toolkit.empty()) wanted.insert(wanted.end(), {fs::path(toolkit) / "lib64", fs::path(toolkit) / "lib"});
  if (!s.environment.empty()) add_python(wanted, s.environment);
  std::error_code ignored;
  for (const std::string& folder : split(s.path)) {
    const fs::path python = fs::path(folder) / "python3";
    if (!fs::exists(python, ignored)) continue;
    add_python(wanted, python.parent_path().parent_path());
    add_python(wanted, fs::canonical(python, ignored).parent_path().parent_path());
    break;
  }
  std::vector<fs::path> folders;
  for (const fs::path& folder : wanted)
    if (fs::is_directory(folder, ignored) && std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
  return folders;
}

void* load_library(const std::vector<std::string>& names, const std::vector<fs::path>& folders) {
  for (const std::string& name : names) {
    if (void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    for (const fs::path& folder : folders)
      if (void* library = dlopen((folder / name).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

}  // namespace fgan::cuda
