#include "train/diagnosis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>

#include "base/error.h"
#include "base/file.h"
#include "image/plot.h"
#include "image/png.h"
#include "report/metrics.h"
#include "train/dump.h"

namespace fgan {
namespace {

constexpr int kBins = 40;

constexpr std::pair<std::string_view, std::string_view> kMeaning[] = {
    {"real", "real examples"},
    {"latent", "latents"},
    {"fake", "what the generator draws"},
    {"v_real", "the critic's output on real examples"},
    {"v_fake", "the critic's output on fakes"},
    {"dv_real", "the loss's slopes by the critic's output on real examples"},
    {"dv_fake", "the loss's slopes by the critic's output on fakes"},
    {"generator_latent", "latents of the generator's update"},
    {"generator_fake", "fakes of the generator's update"},
    {"generator_v_fake", "the updated critic's output on fakes"},
    {"generator_dv_fake", "the slopes of the generator's loss"},
};

std::string in_words(const NotFinite& found) {
  std::string meaning;
  for (const auto& [name, words] : kMeaning)
    if (name == found.name) meaning = format(" ({})", words);
  return format("the first that is not finite is {}{}: {} of {} numbers", found.name, meaning, found.count, found.of);
}

// Backwards: the last layer's gradient is the first that is computed.
std::vector<StoredTensor> gradients(Device& device, const ParamStore& params, const std::string& player) {
  std::vector<StateEntry> entries = block_entries(params, Block::gradient, player + ".", ".grad");
  std::reverse(entries.begin(), entries.end());
  return store(device, entries);
}

std::vector<float> floats_of(const StoredTensor& tensor) {
  std::vector<float> numbers(tensor.bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

std::vector<float> numbers_of(const std::vector<StoredTensor>& batch, std::string_view name) {
  const auto found = std::ranges::find(batch, name, &StoredTensor::name);
  return found == batch.end() ? std::vector<float>() : floats_of(*found);
}

// The gradient of the largest size: where all are finite its square may not be.
struct Largest {
  std::string name;
  double size = 0;

  void look(const std::vector<StoredTensor>& tensors) {
    for (const StoredTensor& tensor : tensors)
      for (const float g : floats_of(tensor))
        if (std::abs(static_cast<double>(g)) > size) *this = {tensor.name, std::abs(static_cast<double>(g))};
  }
};

std::string in_words(const Largest& largest) {
  return format("every number is finite; the largest of the gradients is {:.2g}, of {}", largest.size, largest.name);
}

// Beyond it f32's differences overflow, and no axis can be drawn.
bool can_be_shown(float number) { return std::abs(number) <= 1e38f; }

// The outline of a histogram: each bin from its left to its right end.
Series histogram(std::string name, Colour colour, std::span<const float> numbers, double lo, double width) {
  std::vector<double> rows(kBins);
  std::size_t shown = 0;
  for (const float number : numbers) {
    if (!can_be_shown(number)) continue;
    ++rows[static_cast<std::size_t>(std::clamp((number - lo) / width, 0.0, kBins - 1.0))];
    ++shown;
  }
  if (shown < numbers.size()) name += format(" ({} of {} not below 1e38)", numbers.size() - shown, numbers.size());
  Series series{std::move(name), colour, {}, {}, Side::left, Stroke::area};
  for (int bin = 0; bin < kBins; ++bin)
    for (const int end : {bin, bin + 1}) {
      series.x.push_back(lo + end * width);
      series.y.push_back(rows[static_cast<std::size_t>(bin)]);
    }
  return series;
}

Picture critic_plot(const std::vector<StoredTensor>& batch, std::int64_t step) {
  const std::vector<float> real = numbers_of(batch, "v_real"), fake = numbers_of(batch, "v_fake");
  double lo = 0, hi = 0;  // 0 is on the axis: it says how far out the outputs are
  for (const std::vector<float>& numbers : {real, fake})
    for (const float number : numbers)
      if (can_be_shown(number)) lo = std::min<double>(lo, number), hi = std::max<double>(hi, number);
  const double width = std::max(hi - lo, 1e-3) / kBins;
  LinePlot plot;
  plot.title = format("the critic's outputs in the step after {}", step);
  plot.x_label = "critic v";
  plot.left_label = "rows";
  plot.series.push_back(histogram("real", palette::blue, real, lo, width));
  plot.series.push_back(histogram("fake", palette::vermilion, fake, lo, width));
  return draw(plot);
}

std::string text_of(const FailureReport& report) {
  return format("step {}: {}\nin the step after, {}\n", report.header.step, report.what, report.diagnosis.first) +
         format("roll backs before: {}; learning rates: 2^-{} of those configured\n", report.header.rollbacks, report.header.rollbacks) +
         format("metrics: {}\n", metrics_line(report.metrics)) +
         "\n"
         "batch.safetensors holds the batch of the step after, what the critic said of it and the slopes of the loss;\n"
         "critic.png shows what the critic said.\n"
         "\n"
         "What may help, in a new run (--out) or in this one from its newest checkpoint on (--allow-config-change):\n"
         "  --optimizer-learning-rate: a smaller one\n"
         "  --optimizer-clip=1: gradients of larger norm are scaled down\n"
         "  --game-limit=10: outputs of the critic far out count logarithmically, for divergences whose terms grow like e^v\n"
         "  --objective=non-saturating, --critic-normalization=none or =batch: see docs/training.md\n"
         "  --dtype=f32, where it was bf16 or tf32\n";
}

}  // namespace

Diagnosis diagnose(Device& device, Players& players, GanStep& step, const std::function<void()>& feed) {
  Diagnosis diagnosis;
  std::optional<NotFinite> first = first_not_finite(store(device, training_state(players, step)));
  Largest largest;
  const auto look = [&](const std::vector<StoredTensor>& tensors) {
    if (!first) first = first_not_finite(tensors);
  };
  const auto look_at_gradients = [&](const Network& network, const std::string& player) {
    const std::vector<StoredTensor> all = gradients(device, network.params(), player);
    look(all);
    largest.look(all);
  };
  bool kept = false;
  step.run_observed(feed, [&](Phase phase) {
    if (phase == Phase::critic_gradient && !kept) {
      diagnosis.batch = critic_batch(device, step);
      look(diagnosis.batch);
      look_at_gradients(players.critic(), "critic");
      kept = first.has_value();
    } else if (phase == Phase::generator_gradient) {
      std::vector<StoredTensor> answered = generator_batch(device, step);
      look(answered);
      look_at_gradients(players.generator(), "generator");
      std::move(answered.begin(), answered.end(), std::back_inserter(diagnosis.batch));
    }
  });
  diagnosis.first = first ? in_words(*first) : in_words(largest);
  return diagnosis;
}

std::filesystem::path write_failure_report(const std::filesystem::path& run, const FailureReport& report) {
  const std::filesystem::path folder = run / "diverged";
  make_folder(folder);
  SafeTensors batch{to_metadata(report.header), report.diagnosis.batch};
  batch.metadata["format"] = "fgan batch 1";
  write_safetensors(folder / "batch.safetensors", batch);
  write_png(folder / "critic.png", critic_plot(report.diagnosis.batch, report.header.step));
  write_file(folder / "report.txt", text_of(report));
  return folder / "report.txt";
}

}  // namespace fgan
