#include "app/verbs.h"
#include "bench/loader.h"
#include "bench/ops.h"
#include "bench/step.h"
#include "bench/train.h"

namespace fgan {
namespace {

BenchText measured(const BenchCommand& c) {
  switch (c.subject) {
    case BenchSubject::ops: return bench_ops(c.step, c.repeats, c.device);
    case BenchSubject::step: return bench_step(c.step, c.repeats, c.device);
    case BenchSubject::loader: return bench_loader(c.repeats, c.pictures, c.data);
    case BenchSubject::train: return bench_train(run_of(c.training));
  }
  throw Error(Exit::internal, "unhandled subject of bench");
}

}  // namespace

Exit run_bench(const BenchCommand& command) try {
  const BenchText text = measured(command);
  if (text.json.empty()) return Exit::stopped;
  print(command.json ? text.json : text.table);
  return Exit::done;
} catch (const StopRequested&) {
  return Exit::stopped;
}

}  // namespace fgan
