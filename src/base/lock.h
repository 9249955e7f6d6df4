// Locks between processes.  The kernel releases them when their holder ends, however it ends.
#pragma once

#include <filesystem>

namespace fgan {

enum class LockResult { taken, held_by_another, impossible };

// The whole file, for one writer, until the descriptor (open for writing) is closed.  Does not wait.
LockResult try_lock(int descriptor);

// One writer for a folder that exists: the file `.lock` in it, which names its holder and is gone when the lock is.
// Throws Error(output) with the holder's name while another process has it.  Where no lock can be had (a read-only folder, a file
// system without locks, which is warned of) there is none.
class FolderLock {
 public:
  static constexpr const char* kName = ".lock";

  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace fgan
