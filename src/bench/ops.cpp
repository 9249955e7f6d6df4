#include "bench/ops.h"

#include <algorithm>
#include <map>

#include "bench/peaks.h"
#include "bench/timed_device.h"

namespace fgan {
namespace {

// Calls of a step that do the same: one op on one set of shapes.
struct OpCase {
  OpCall call;  // without times
  int calls = 0;
  std::vector<double> totals;  // seconds of all its calls in a step, one for each repeat

  Spread seconds() const {  // of one call
    std::vector<double> each = totals;
    for (double& total : each) total /= calls;
    return spread_of(std::move(each));
  }
};

// A mean over the steps of each repeat; slowest first.
std::vector<OpCase> cases_of(const OpLog& log, const RepeatOptions& repeats) {
  std::vector<OpCase> cases;
  std::map<std::string, std::size_t> places;
  for (const OpCall& call : log.calls()) {
    const auto [place, fresh] = places.emplace(call.name + " " + call.shapes, cases.size());
    if (fresh) {
      cases.push_back({call, 0, std::vector<double>(static_cast<std::size_t>(repeats.repeats))});
      cases.back().call.seconds.clear();
    }
    OpCase& of = cases[place->second];
    ++of.calls;
    const auto steps = static_cast<std::size_t>(repeats.steps);
    for (std::size_t i = 0; i < call.seconds.size(); ++i) of.totals[i / steps] += call.seconds[i] / static_cast<double>(steps);
  }
  std::stable_sort(cases.begin(), cases.end(),
                   [](const OpCase& a, const OpCase& b) { return spread_of(a.totals).median > spread_of(b.totals).median; });
  return cases;
}

// Sums over the cases that count, one for each repeat.
template <class Counts>
Spread sum_of(const std::vector<OpCase>& cases, const RepeatOptions& repeats, const Counts& counts) {
  std::vector<double> sums(static_cast<std::size_t>(repeats.repeats));
  for (const OpCase& of : cases)
    if (counts(of.call))
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += of.totals[i];
  return spread_of(std::move(sums));
}

JsonObject json_of(const OpCase& of, const Peaks& peaks) {
  const Spread seconds = of.seconds();
  JsonObject json;
  json.add("name", of.call.name + " " + of.call.shapes).add("unit", "s").add(seconds).add("calls", of.calls);
  json.add("flops", of.call.flops).add("bytes", of.call.bytes).add("gflops_per_s", 1e-9 * of.call.flops / seconds.median);
  json.add("gbytes_per_s", 1e-9 * of.call.bytes / seconds.median);
  json.add("share_of_peak", peaks.bound(of.call.flops, of.call.bytes) / seconds.median);
  return json;
}

std::string row_of(const OpCase& of, const Peaks& peaks, double step) {
  const Spread seconds = of.seconds();
  return format("{:<18} {:<54} {:>5} {:>9.3f} {:>9.3f} {:>9.3f} {:>6.1f} {:>8.1f} {:>7.1f} {:>6.2f}\n", of.call.name, of.call.shapes,
                of.calls, 1e3 * seconds.median, 1e3 * seconds.min, 1e3 * seconds.max, 100 * seconds.median * of.calls / step,
                1e-9 * of.call.flops / seconds.median, 1e-9 * of.call.bytes / seconds.median,
                peaks.bound(of.call.flops, of.call.bytes) / seconds.median);
}

// Every call of a step, timed one by one.
std::vector<OpCase> timed_cases(Device& device, const StepSetting& setting, const RepeatOptions& repeats) {
  OpLog log;
  const std::unique_ptr<Device> watched = timed(device, log);
  BenchedStep step(*watched, setting);
  log.forget();
  const auto run = [&](std::int64_t steps) {
    for (std::int64_t i = 0; i < steps; ++i) {
      log.begin_step();
      step.run(1);
    }
  };
  run(repeats.steps);
  log.forget_times();
  run(std::int64_t{repeats.steps} * repeats.repeats);
  return cases_of(log, repeats);
}

}  // namespace

BenchText bench_ops(const StepBenchOptions& options, const RepeatOptions& repeats, const DeviceOptions& device_options) {
  const std::unique_ptr<Device> device = make_device(device_options);
  const StepSetting setting = setting_of(options, repeats.batch);
  const Peaks peaks = measure_peaks(*device);
  const std::vector<OpCase> cases = timed_cases(*device, setting, repeats);
  BenchedStep whole(*device, setting);
  const Spread step = measure(whole, repeats).wall;
  const Spread sum = sum_of(cases, repeats, [](const OpCall&) { return true; });
  const Spread products = sum_of(cases, repeats, [](const OpCall& call) { return call.kind == OpKind::product; });
  const Spread passes = sum_of(cases, repeats, [](const OpCall& call) { return call.kind == OpKind::pass; });

  JsonObject json;
  json.add("bench", "ops");
  add_machine(json, device.get());
  add_setting(json, setting, repeats, device_options);
  json.add("peak_product_gflops", peaks.product_gflops).add("peak_fma_gflops", peaks.fma_gflops).add("copy_gbytes", peaks.copy_gbytes);
  json.add("step_s_median", step.median).add("ops_s_median", sum.median).add("share_outside_products", passes.median / sum.median);
  std::vector<JsonObject> items;
  const std::pair<const char*, Spread> sums[] = {{"step", step}, {"all ops", sum}, {"products", products}, {"other ops", passes}};
  for (const auto& [name, spread] : sums) {
    items.emplace_back();
    items.back().add("name", name).add("unit", "s").add(spread);
  }
  for (const OpCase& of : cases) items.push_back(json_of(of, peaks));
  json.add("cases", items);

  std::string table = format("{}\npeaks: {:.0f} GFLOP/s ({:.0f} in products, {:.0f} in registers), copies {:.1f} GB/s\n\n",
                             device->description(), peaks.gflops(), peaks.product_gflops, peaks.fma_gflops, peaks.copy_gbytes);
  table += format("{:<18} {:<54} {:>5} {:>9} {:>9} {:>9} {:>6} {:>8} {:>7} {:>6}\n", "op", "shapes", "calls", "ms", "least", "most",
                  "% step", "GFLOP/s", "GB/s", "peak");
  for (const OpCase& of : cases) table += row_of(of, peaks, sum.median);
  table += format("\nall ops {:.4f} s (products {:.4f}, others {:.4f}: {:.0f} %); the whole step, not watched, {:.4f} s\n", sum.median,
                  products.median, passes.median, 100 * passes.median / sum.median, step.median);
  return {std::move(table), json.text() + "\n"};
}

}  // namespace fgan
