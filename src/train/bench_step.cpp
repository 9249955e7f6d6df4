#include "train/bench_step.h"

#include <sys/resource.h>
#include <algorithm>
#include <chrono>
#include <vector>

#include "base/format.h"
#include "math/philox.h"
#include "train/step.h"

namespace fgan {
namespace {

// Multiply-adds of one step per real image.  The critic sees 2 N rows forward, back to its parameters and, but for the first layer, to
// its inputs; the generator goes forward, back to its parameters and, but for the first layer, to its inputs; and its gradient comes
// through the critic: with the single-step rule and the critic's own bound only one gradient of N images more, else N rows forward and
// back.
double macs_per_image(const Network& generator, const Network& critic, const StepOptions& options) {
  const double g = generator.macs(), d = critic.macs(), g0 = generator.first_layer_macs(), d0 = critic.first_layer_macs();
  const double critic_update = 2 * (3 * d - d0), generator_update = 3 * g - g0;
  const bool single = options.game.rule == Rule::single_step;
  return critic_update + generator_update + (single ? d0 : 2 * d);
}

std::vector<std::uint8_t> random_pixels(std::size_t count) {
  std::vector<std::uint8_t> pixels(count);
  for (std::size_t i = 0; i < count; ++i)
    pixels[i] = static_cast<std::uint8_t>(math::bits(1, math::Purpose::bench, 0, 0, static_cast<std::uint32_t>(i)) >> 24);
  return pixels;
}

Shape shape_of(const BenchStep& bench) {
  const bool dcgan = bench.model == Architecture::dcgan;
  const int size = bench.size > 0 ? bench.size : dcgan ? 64 : 28, channels = bench.channels > 0 ? bench.channels : dcgan ? 3 : 1;
  return {1, size, size, channels};
}

double peak_rss_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

BenchResult bench_step(const BenchStep& bench) {
  PlayersOptions players_options;
  for (PlayerOptions* player : {&players_options.generator, &players_options.critic}) {
    player->model.architecture = bench.model;
    player->model.width = bench.width;
  }
  const std::unique_ptr<Device> device = make_device(bench.device);
  Players players(*device, players_options, shape_of(bench), Players::Use::training);
  players.initialize(*device, 1);
  StepOptions options;
  options.batch = bench.batch;
  options.game.rule = bench.rule;
  GanStep step(*device, players, options);
  const std::vector<std::uint8_t> pixels = random_pixels(step.staging().bytes());
  const auto feed = [&] { device->upload(step.staging().data, pixels.data(), pixels.size()); };

  std::vector<double> seconds;  // of one step, a mean over each repeat
  for (int repeat = 0; repeat <= bench.repeats; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < bench.steps; ++i) step.run(feed);
    device->queue().wait();
    if (repeat > 0) seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / bench.steps);
  }
  std::sort(seconds.begin(), seconds.end());
  BenchResult result;
  result.step_s_median = seconds[seconds.size() / 2];
  result.step_s_min = seconds.front();
  result.step_s_max = seconds.back();
  result.images_per_s = static_cast<double>(bench.batch) / result.step_s_median;
  result.conv_gflop_per_image = 2e-9 * macs_per_image(players.generator(), players.critic(), options);
  result.peak_rss_mib = peak_rss_mib();
  result.planned_mib = static_cast<double>(step.memory_plan().bytes()) / (1 << 20);
  result.threads = device->threads();
  result.isa = device->isa();
  result.device = device->description();
  return result;
}

std::string to_json(const BenchStep& bench, const BenchResult& r) {
  return format(
      R"({{"model": "{}", "size": {}, "batch": {}, "dtype": "{}", "rule": "{}", "images_per_s": {:.4g}, "step_s_median": {:.6g}, )"
      R"("step_s_min": {:.6g}, "step_s_max": {:.6g}, "steps": {}, "repeats": {}, "conv_gflop_per_image": {:.6g}, "peak_rss_mib": {:.1f}, )"
      R"("planned_mib": {:.1f}, "threads": {}, "isa": "{}", "device": "{}", "fgan_version": "{}"}})",
      to_string(bench.model), shape_of(bench).h, bench.batch, to_string(bench.device.dtype), to_string(bench.rule), r.images_per_s,
      r.step_s_median, r.step_s_min, r.step_s_max, bench.steps, bench.repeats, r.conv_gflop_per_image, r.peak_rss_mib, r.planned_mib,
      r.threads, r.isa, r.device, FGAN_VERSION);
}

}  // namespace fgan
