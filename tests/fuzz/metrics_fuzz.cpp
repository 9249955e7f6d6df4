// metrics.jsonl as a crash or another hand may have left it.
#include <cmath>

#include "../unit/scratch.h"
#include "report/metrics.h"
#include "target.h"

using namespace fgan;
using namespace fgan::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::Scratch scratch;
  const std::string_view text = text_of(data, size);
  const std::string kept = metrics_up_to(text, 100);
  require(metrics_up_to(kept, 100) == kept, "what is kept once is kept again");
  require(metrics_up_to(kept, 7) == metrics_up_to(text, 7), "a later step keeps what an earlier one would");
  const auto path = scratch.file("metrics.jsonl", text);
  for (const auto& [step, value] : read_metric(path, "bound")) require(std::isfinite(value), "a metric is finite");
  const std::pair<std::string, double> metrics[] = {{"step", 101}, {"bound", 0.5}};
  MetricsFile(path, 100).write(metrics);
  require(test::text_of(path) == kept + metrics_line(metrics) + '\n', "the file goes on behind what is kept");
  require(read_metric(path, "bound").at(101) == 0.5, "what was written is read");
  return 0;
}
