#include "bench/step.h"

#include <chrono>
#include <cstring>

#include "bench/process.h"
#include "math/philox.h"

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

// Pixels, or numbers, evenly distributed.
std::vector<std::byte> random_examples(const Tensor& staging) {
  std::vector<std::byte> examples(staging.bytes());
  const std::size_t size = size_of(staging.dtype);
  for (std::size_t i = 0; i < examples.size() / size; ++i) {
    const std::uint32_t bits = math::bits(1, math::Purpose::bench, 0, 0, static_cast<std::uint32_t>(i));
    if (staging.dtype == DType::u8) examples[i] = static_cast<std::byte>(bits >> 24);
    else {
      const float number = static_cast<float>(bits >> 8) * 0x1p-24f;
      std::memcpy(&examples[i * size], &number, size);
    }
  }
  return examples;
}

PlayersOptions with_batch(PlayersOptions players, std::int64_t batch) {
  players.batch = batch;
  return players;
}

}  // namespace

StepSetting setting_of(const StepBenchOptions& options, std::int64_t batch) {
  StepSetting setting;
  for (PlayerOptions* player : {&setting.players.generator, &setting.players.critic}) {
    player->model.architecture = options.model;
    player->model.width = options.width;
  }
  const bool dcgan = options.model == Architecture::dcgan;
  const int size = options.size > 0 ? options.size : dcgan ? 64 : 28;
  setting.example = {1, size, size, options.channels > 0 ? options.channels : dcgan ? 3 : 1};
  setting.step.batch = batch;
  setting.step.game.rule = options.rule;
  return setting;
}

BenchedStep::BenchedStep(Device& device, const StepSetting& setting)
    : device_(device),
      options_(setting.step),
      players_(device, with_batch(setting.players, setting.step.batch), setting.example, Players::Use::training),
      step_(device, players_, options_),
      examples_(random_examples(step_.staging())) {
  players_.initialize(device, 1);
}

BenchedStep::Seconds BenchedStep::run(int steps) {
  const auto feed = [&] { device_.upload(step_.staging().data, examples_.data(), examples_.size()); };
  const double cpu = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) {
    throw_if_stopping();
    step_.run(feed);
  }
  device_.queue().wait();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count() / steps, (processor_seconds() - cpu) / steps};
}

double BenchedStep::gflop_per_image() { return 2e-9 * macs_per_image(players_.generator(), players_.critic(), options_); }

std::int64_t BenchedStep::parameters() { return players_.generator().params().count() + players_.critic().params().count(); }

double BenchedStep::planned_mib() const { return static_cast<double>(step_.memory_plan().bytes()) / (1 << 20); }

StepFigures measure(BenchedStep& step, const RepeatOptions& repeats) {
  std::vector<double> wall, cpu;
  for (int repeat = 0; repeat <= repeats.repeats; ++repeat) {
    const BenchedStep::Seconds seconds = step.run(repeats.steps);
    if (repeat == 0) continue;
    wall.push_back(seconds.wall);
    cpu.push_back(seconds.cpu);
  }
  return {spread_of(std::move(wall)), spread_of(std::move(cpu))};
}

void add_setting(JsonObject& json, const StepSetting& setting, const RepeatOptions& repeats, const DeviceOptions& device) {
  const ModelOptions& model = setting.players.generator.model;
  json.add("model", to_string(model.architecture)).add("size", setting.example.h).add("channels", setting.example.c);
  json.add("width", model.width).add("batch", setting.step.batch).add("dtype", to_string(device.dtype));
  json.add("conv", to_string(device.conv)).add("deterministic", device.deterministic);
  json.add("rule", to_string(setting.step.game.rule)).add("steps", repeats.steps).add("repeats", repeats.repeats);
}

BenchText bench_step(const StepBenchOptions& options, const RepeatOptions& repeats, const DeviceOptions& device_options) {
  const std::unique_ptr<Device> device = make_device(device_options);
  const StepSetting setting = setting_of(options, repeats.batch);
  BenchedStep step(*device, setting);
  const StepFigures figures = measure(step, repeats);
  const double images_per_s = static_cast<double>(repeats.batch) / figures.wall.median, rss = peak_rss_mib();

  JsonObject json;
  json.add("bench", "step");
  add_machine(json, device.get());
  add_setting(json, setting, repeats, device_options);
  json.add("images_per_s", images_per_s).add("step_s_median", figures.wall.median).add("step_s_min", figures.wall.min);
  json.add("step_s_max", figures.wall.max).add("step_cpu_s_median", figures.cpu.median);
  json.add("parameters", step.parameters())
      .add("conv_gflop_per_image", step.gflop_per_image())
      .add("peak_rss_mib", rss)
      .add("planned_mib", step.planned_mib());
  JsonObject wall, cpu;
  wall.add("name", "step").add("unit", "s").add(figures.wall);
  cpu.add("name", "step, processor time").add("unit", "s").add(figures.cpu);
  json.add("cases", {wall, cpu});

  return {format("{}\n{} {}x{}x{} {}, batch {}, {}: {:.1f} images/s ({:.4f} s a step, {:.4f} to {:.4f}), {:.1f} MiB at most\n",
                 device->description(), to_string(options.model), setting.example.h, setting.example.w, setting.example.c,
                 to_string(options.rule), repeats.batch, to_string(device_options.dtype), images_per_s, figures.wall.median,
                 figures.wall.min, figures.wall.max, rss),
          json.text() + "\n"};
}

}  // namespace fgan
