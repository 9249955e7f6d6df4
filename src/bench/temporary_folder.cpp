#include "bench/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "base/error.h"

namespace fgan {

TemporaryFolder::TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::path parent = std::filesystem::temp_directory_path(ignored);
  if (parent.empty()) parent = "/tmp";
  std::string name = (parent / "fgan-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) fail(Exit::output, "{}: no temporary folder there: {}", parent.string(), std::strerror(errno));
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace fgan
