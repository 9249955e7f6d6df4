// fgan data: look at, verify or make a data set.
#include "app/verbs.h"
#include "base/log.h"
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

}  // namespace

Exit run_data(const DataCommand& command) {
  switch (command.subject) {
    case DataSubject::grid: return grid(command);
    default: fail(Exit::internal, "not built yet");
  }
}

}  // namespace fgan
