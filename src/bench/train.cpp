#include "bench/train.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "bench/process.h"
#include "bench/temporary_folder.h"
#include "report/metrics.h"

namespace fgan {
namespace {

constexpr RepeatOptions kStepRepeats{.batch = 0, .steps = 5, .repeats = 3};

StepSetting setting_of(const TrainRun& run, const Dataset& dataset) {
  return {run.players,
          {run.game, run.train.batch, static_cast<std::uint64_t>(run.train.seed), dataset.dtype(), run.data.mirror},
          dataset.sample_shape()};
}

// Steps alone, on a device of their own: a run has all of a device to itself.
StepFigures steps_alone(const TrainRun& run, const StepSetting& setting) {
  const std::unique_ptr<Device> device = make_device(run.device);
  BenchedStep step(*device, setting);
  return measure(step, kStepRepeats);
}

// Seconds between the first line of metrics.jsonl and the last, a step: the run's own images_per_s, weighted by the steps of each line.
double logged_seconds(const std::filesystem::path& folder, std::int64_t batch) {
  const std::map<std::int64_t, double> rates = read_metric(folder / "metrics.jsonl", "images_per_s");
  double seconds = 0;
  for (auto line = std::next(rates.begin()); line != rates.end(); ++line)
    seconds += static_cast<double>((line->first - std::prev(line)->first) * batch) / line->second;
  return seconds / static_cast<double>(rates.rbegin()->first - rates.begin()->first);
}

}  // namespace

BenchText bench_train(TrainRun run) {
  if (run.train.steps < 2) fail(Exit::usage, "train.steps = {}: bench train needs at least 2", run.train.steps);
  const TemporaryFolder folder;
  run.folder = folder.path() / "run";
  const StepSetting setting = setting_of(run, *open_dataset(run.data, static_cast<std::uint64_t>(run.train.seed)));
  const StepFigures before = steps_alone(run, setting);
  const double cpu = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  const Exit exit = train(run);
  const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - start;
  const double run_cpu = processor_seconds() - cpu;
  if (exit == Exit::stopped) return {};
  if (exit != Exit::done) throw Error(exit, "the run that was to be measured did not reach its end");
  const StepFigures after = steps_alone(run, setting);

  const double batch = static_cast<double>(run.train.batch), logged = logged_seconds(run.folder, run.train.batch);
  const Spread step = spread_of({before.wall.median, after.wall.median});
  const double step_mean = (before.wall.median + after.wall.median) / 2, step_cpu = (before.cpu.median + after.cpu.median) / 2;
  const double share_of_processor = step_cpu * static_cast<double>(run.train.steps) / run_cpu;
  JsonObject json, run_case, whole_case, step_case;
  json.add("bench", "train");
  const std::unique_ptr<Device> device = make_device(run.device);
  add_machine(json, device.get());
  add_setting(json, setting, kStepRepeats, run.device);
  json.add("train_steps", run.train.steps).add("images_per_s", batch / logged).add("step_images_per_s", batch / step_mean);
  json.add("share_of_step", step_mean / logged).add("whole_s", whole.count());
  json.add("share_of_processor_time", share_of_processor).add("peak_rss_mib", peak_rss_mib());
  run_case.add("name", "step of the run").add("unit", "s").add(spread_of({logged}));
  step_case.add("name", "step alone").add("unit", "s").add(step);
  whole_case.add("name", "whole run").add("unit", "s").add(spread_of({whole.count()}));
  json.add("cases", {run_case, step_case, whole_case});
  return {format("{}\n{} steps of {}: {:.1f} images/s in the run, {:.1f} in steps alone before and after it ({:.1f} %); {:.1f} s in all\n"
                 "of the processor time of the whole run, steps take {:.1f} %\n",
                 device->description(), run.train.steps, run.train.batch, batch / logged, batch / step_mean, 100 * step_mean / logged,
                 whole.count(), 100 * share_of_processor),
          json.text() + "\n"};
}

}  // namespace fgan
