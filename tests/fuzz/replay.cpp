// Gives every file of a corpus to a fuzz target, whole and cut off at some places: TARGET FOLDER.  For builds without libFuzzer.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "target.h"

namespace {

using namespace fgan;

void give(std::span<const std::byte> bytes) {
  // A block of its own size, so that a sanitizer sees what is read behind it.
  const std::vector<std::uint8_t> own(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                      reinterpret_cast<const std::uint8_t*>(bytes.data()) + bytes.size());
  LLVMFuzzerTestOneInput(own.data(), own.size());
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::size_t kCuts = 8;
  if (argc != 2) return 2;
  const std::vector<std::filesystem::path> files = files_in(argv[1]);
  for (const auto& path : files) {
    const std::vector<std::byte> bytes = read_file(path, 1 << 20);
    std::printf("%s\n", path.filename().c_str());
    std::fflush(stdout);  // the last name is that of the file that did it
    for (std::size_t cut = 0; cut <= kCuts; ++cut) give(std::span(bytes).first(bytes.size() * cut / kCuts));
  }
  std::printf("%zu files\n", files.size());
  return files.empty() ? 1 : 0;
}
