#include "data/dataset.h"

#include "base/error.h"
#include "data/formats/gaussians.h"
#include "data/formats/idx.h"

namespace fgan {
namespace {

void refuse_mixture_options(const DataOptions& options) {
  const char* key = !options.means.empty()        ? "means"
                    : !options.weights.empty()    ? "weights"
                    : !options.deviations.empty() ? "deviations"
                                                  : nullptr;
  if (key != nullptr)
    fail(Exit::usage, "data.{} describes a mixture, but data.kind is auto; set data.kind = gaussian-mixture or remove it", key);
}

std::unique_ptr<Dataset> open_path(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    fail(Exit::data, "the data '{}' does not exist; data.path names a file or a folder", path.string());
  }
  return open_idx(std::filesystem::is_directory(status) ? find_training_images(path) : path);
}

}  // namespace

std::unique_ptr<Dataset> open_dataset(const DataOptions& options, std::uint64_t seed) {
  switch (options.kind) {
    case DataKind::gaussian_mixture:
      if (!options.path.empty()) {
        fail(Exit::usage, "data.path is '{}', but data.kind = gaussian-mixture draws its own samples; remove one of them",
             options.path.string());
      }
      return open_gaussians(options, seed);
    case DataKind::automatic:
      refuse_mixture_options(options);
      if (options.path.empty()) fail(Exit::usage, "no data: set data.path to a file or a folder, or data.kind = gaussian-mixture");
      return open_path(options.path);
  }
  fail(Exit::internal, "unhandled data kind");
}

}  // namespace fgan
