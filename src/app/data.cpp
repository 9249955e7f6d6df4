// fgan data: look at, verify or make a data set.
#include "app/verbs.h"
#include "base/log.h"
#include "data/glyphs.h"
#include "train/pictures.h"

namespace fgan {
namespace {

Exit grid(const DataCommand& command) {
  const std::unique_ptr<Dataset> dataset = open_dataset(command.data, 0);
  if (dataset->dtype() != DType::u8) fail(Exit::usage, "'{}' holds numbers, not images", command.data.path.string());
  write_data_grid(command.grid.output, *dataset, command.grid.count);
  log::info("{} in {}", dataset->description(), command.grid.output.string());
  return Exit::done;
}

Exit glyphs(const GlyphOptions& options) {
  const GlyphSummary made = make_glyphs(options);
  std::string left_out;
  for (const auto& [why, count] : made.left_out) left_out += format("{}{} {}", left_out.empty() ? "; left out: " : ", ", count, why);
  log::info("{} images of {} faces in {}{}", made.images, made.faces, options.output.string(), left_out);
  return Exit::done;
}

}  // namespace

Exit run_data(const DataCommand& command) {
  switch (command.subject) {
    case DataSubject::grid: return grid(command);
    case DataSubject::glyphs: return glyphs(command.glyphs);
    default: fail(Exit::internal, "not built yet");
  }
}

}  // namespace fgan
