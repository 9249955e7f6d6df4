#include "data/dataset.h"

#include "base/error.h"
#include "data/formats/gaussians.h"
#include "data/formats/packed.h"
#include "data/formats/pictures.h"
#include "data/formats/records.h"

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

std::unique_ptr<Dataset> open_path(const DataOptions& options) {
  const LocatedData located = locate_data(options.path);
  if (located.format == DataFormat::pictures) return open_pictures(survey_pictures(located, options), options);
  if (located.format == DataFormat::packed) return open_packed(located.files.front(), options);
  return open_records(located, options);
}

}  // namespace

void refuse_contradictions(const DataOptions& options) {
  switch (options.kind) {
    case DataKind::gaussian_mixture:
      if (!options.path.empty()) {
        fail(Exit::usage, "data.path is '{}', but data.kind = gaussian-mixture draws its own samples; remove one of them",
             options.path.string());
      }
      if (options.size > 0 || options.channels > 0) {
        fail(Exit::usage, "data.{} describes images, but data.kind is gaussian-mixture; remove it", options.size > 0 ? "size" : "channels");
      }
      return;
    case DataKind::automatic:
      refuse_mixture_options(options);
      if (options.path.empty()) fail(Exit::usage, "no data: set data.path to a file or a folder, or data.kind = gaussian-mixture");
      if (options.channels == 2)
        fail(Exit::usage, "data.channels is 2; images are trained on as 1 (grey) or 3 (colour), 0 takes what they have");
      return;
  }
}

std::unique_ptr<Dataset> open_dataset(const DataOptions& options, std::uint64_t seed) {
  refuse_contradictions(options);
  switch (options.kind) {
    case DataKind::gaussian_mixture: return open_gaussians(options, seed);
    case DataKind::automatic: return open_path(options);
  }
  fail(Exit::internal, "unhandled data kind");
}

}  // namespace fgan
