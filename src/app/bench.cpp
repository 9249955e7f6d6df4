#include "app/verbs.h"
#include "train/bench_step.h"

namespace fgan {

Exit run_bench(const BenchCommand& command) {
  BenchStep bench;
  bench.model = command.options.model;
  bench.size = command.options.size;
  bench.channels = command.options.channels;
  bench.batch = command.options.batch;
  bench.rule = command.options.rule;
  bench.steps = command.options.steps;
  bench.repeats = command.options.repeats;
  bench.device = command.device;
  const BenchResult r = bench_step(bench);
  if (!command.json)
    print(format("{}\n{} {}, batch {}, f32: {:.1f} images/s ({:.4f} s a step, {:.4f} to {:.4f}), {:.1f} MiB at most\n", r.device,
                 to_string(bench.model), to_string(bench.rule), bench.batch, r.images_per_s, r.step_s_median, r.step_s_min, r.step_s_max,
                 r.peak_rss_mib));
  else print(to_json(bench, r) + "\n");
  return Exit::done;
}

}  // namespace fgan
