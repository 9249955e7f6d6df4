// The op table and recordings on a real GPU: what the double cannot know.  Without one the cases skip.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "base/format.h"
#include "conformance/run_case.h"
#include "train/players.h"
#include "train/state.h"
#include "train/step.h"

using namespace fgan;
using namespace fgan::conformance;

namespace {

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

DeviceOptions wanted(ComputeType dtype) {
  return {.name = from_environment("FGAN_TEST_DEVICE", "cuda"), .dtype = dtype, .deterministic = true};
}

// FGAN_TEST_DTYPE picks one type; FGAN_TEST_DEVICE another device, for rehearsals.
bool asked_for(ComputeType dtype) {
  return from_environment("FGAN_TEST_DTYPE", "") == to_string(dtype) || std::getenv("FGAN_TEST_DTYPE") == nullptr;
}

// Null, with the line that CTest reads, where there is none and none was named.
std::unique_ptr<Device> device_or_skip(ComputeType dtype) {
  if (!asked_for(dtype)) return nullptr;
  try {
    return make_device(wanted(dtype));
  } catch (const Error& e) {
    if (std::getenv("FGAN_TEST_DEVICE") != nullptr) throw;
    std::printf("SKIP: %s\n", e.what());
    return nullptr;
  }
}

// TF32 keeps 10 bits of each factor: of products only the distance from the oracle as a whole is looked at.
bool is_product(const OpCase& c) { return c.family.starts_with("conv") || c.family.starts_with("linear"); }

std::string distance_as_a_whole(Device& oracle, Device& device, const OpCase& c) {
  constexpr double kMost = 2e-3;
  const Outcome expected = expected_of(oracle, c), actual = run(device, c);
  for (std::size_t k = 0; k < c.operands.size(); ++k) {
    if (c.operands[k].fill.kind != Fill::output) continue;
    const auto e = as_floats(expected.operands[k]), a = as_floats(actual.operands[k]);
    double apart = 0, size = 0;
    for (std::size_t i = 0; i < e.size(); ++i) {
      const double x = static_cast<double>(e[i]), d = static_cast<double>(a[i]) - x;
      apart += d * d;
      size += x * x;
    }
    if (!(apart <= kMost * kMost * size)) return format("operand {}: relative distance {:.2g}", k, std::sqrt(apart / size));
  }
  return actual.trespass;
}

void check_table(ComputeType dtype) {
  const auto device = device_or_skip(dtype);
  if (!device) return;
  const auto oracle = naive_device();
  int cases = 0, failures = 0;
  for (const OpCase& c : all_cases()) {
    if (!runs_on(*device, c)) continue;
    ++cases;
    const bool loose = dtype == ComputeType::tf32 && is_product(c);
    const std::string problem = loose ? distance_as_a_whole(*oracle, *device, c) : check(*oracle, *device, c);
    if (!problem.empty() && ++failures <= 20) MESSAGE(c.family << " " << c.name << ": " << problem);
  }
  MESSAGE(to_string(dtype) << ": " << cases << " op cases on " << device->description() << ", " << failures << " unlike the oracle");
  CHECK(failures == 0);
}

struct Game {
  Architecture architecture;
  Normalization normalization;
  Rule rule;
};

// The generator's and the critic's weights after four steps on random pixels: recorded, or enqueued one by one.
std::vector<float> weights_after(Device& device, const Game& game, bool recorded) {
  PlayersOptions players_options;
  players_options.batch = 16;
  for (PlayerOptions* player : {&players_options.generator, &players_options.critic}) {
    player->model.architecture = game.architecture;
    player->model.width = 16;
    player->model.normalization = game.normalization;
  }
  Players players(device, players_options, {1, 32, 32, 3}, Players::Use::training);
  players.initialize(device, 1);
  StepOptions options;
  options.batch = 16;
  options.game.rule = game.rule;
  GanStep step(device, players, options);
  std::vector<std::uint8_t> pixels(step.staging().bytes());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(math::bits(1, math::Purpose::bench, 0, 0, i) >> 24);
  if (step.critic_reference()) device.upload(step.critic_reference().data, pixels.data(), step.critic_reference().bytes());
  const auto feed = [&] { device.upload(step.staging().data, pixels.data(), pixels.size()); };
  for (int i = 0; i < 4; ++i) {
    if (recorded) step.run(feed);
    else step.run_observed(feed, [](Phase) {});
  }
  std::vector<float> weights;
  for (Network* network : {&players.generator(), &players.critic()})
    for (const float x : download_floats(device, network->params().flat(Block::weights))) weights.push_back(x);
  return weights;
}

void check_recordings(ComputeType dtype) {
  const auto device = device_or_skip(dtype);
  if (!device) return;
  for (const Game& game : {Game{Architecture::mlp, Normalization::batch, Rule::single_step},
                           Game{Architecture::dcgan, Normalization::batch, Rule::alternating},
                           Game{Architecture::dcgan, Normalization::virtual_batch, Rule::single_step}})
    CHECK(weights_after(*device, game, true) == weights_after(*device, game, false));
}

}  // namespace

TEST_SUITE("gpu") {
  TEST_CASE("the op table in f32") { check_table(ComputeType::f32); }
  TEST_CASE("the op table in tf32") { check_table(ComputeType::tf32); }
  TEST_CASE("the op table in bf16") { check_table(ComputeType::bf16); }
  TEST_CASE("recorded steps give the bytes of steps enqueued one by one in f32") { check_recordings(ComputeType::f32); }
  TEST_CASE("recorded steps give the bytes of steps enqueued one by one in tf32") { check_recordings(ComputeType::tf32); }
  TEST_CASE("recorded steps give the bytes of steps enqueued one by one in bf16") { check_recordings(ComputeType::bf16); }
}
