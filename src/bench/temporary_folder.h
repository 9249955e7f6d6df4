// A folder that vanishes with its owner.
#pragma once

#include <filesystem>

namespace fgan {

class TemporaryFolder {
 public:
  TemporaryFolder();  // below $TMPDIR or /tmp; throws Error(output)
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace fgan
