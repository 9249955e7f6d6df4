// The rules of the game in whole steps on a device: what must be equal to what.
#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "device/device.h"
#include "train/state.h"
#include "train/step.h"

namespace fgan {
namespace {

constexpr std::int64_t kBatch = 4;

struct Run {
  std::unique_ptr<Device> device;
  std::unique_ptr<Players> players;
  std::unique_ptr<GanStep> step;
  Shape data{1, 28, 28, 1};
  std::uint64_t fed = 0;

  Run(GameOptions game, Architecture architecture, const std::string& device_name = "naive")
      : device(make_device({.name = device_name, .threads = 2})) {
    PlayersOptions options;
    options.generator.model.architecture = options.critic.model.architecture = architecture;
    options.generator.model.width = options.critic.model.width = 4;
    options.generator.model.init_deviation = options.critic.model.init_deviation = 0.2;
    options.latent.latent = 6;
    options.average = 0.5;
    players = std::make_unique<Players>(*device, options, data, Players::Use::training);
    players->initialize(*device, 1);
    step = std::make_unique<GanStep>(*device, *players, StepOptions{game, kBatch, 1, DType::u8});
  }

  void feed() {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(kBatch * data.example()));
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = static_cast<std::uint8_t>(math::bits(5, math::Purpose::bench, fed, 0, static_cast<std::uint32_t>(i)) >> 24);
    ++fed;
    device->upload(step->staging().data, pixels.data(), pixels.size());
  }
  void run() {
    step->run([this] { feed(); });
  }
  void run_observed() {
    step->run_observed([this] { feed(); }, [](Phase) {});
  }
  std::vector<std::byte> state() {
    std::vector<std::byte> all;
    for (const StoredTensor& tensor : store(*device, training_state(*players, *step)))
      all.insert(all.end(), tensor.bytes.begin(), tensor.bytes.end());
    return all;
  }
  std::vector<float> gradients() {
    std::vector<float> all;
    for (const ParamStore* params : {&players->generator().params(), &players->critic().params()}) {
      const Tensor flat = params->flat(Block::gradient);
      const std::size_t old = all.size();
      all.resize(old + static_cast<std::size_t>(flat.shape.count()));
      device->download(all.data() + old, flat.data, flat.bytes());
    }
    return all;
  }
};

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  double error = 0, scale = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(a[i]) - b[i]));
    scale = std::max(scale, std::abs(static_cast<double>(b[i])));
  }
  return error / scale;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("replaying the recording equals running the phases one by one") {
    for (const Rule rule : {Rule::single_step, Rule::alternating})
      for (const math::Objective objective : {math::Objective::minimax, math::Objective::non_saturating}) {
        GameOptions game;
        game.rule = rule;
        game.objective = objective;
        game.critic_steps = rule == Rule::alternating ? 2 : 1;
        Run recorded(game, Architecture::dcgan), eager(game, Architecture::dcgan);
        for (int i = 0; i < 3; ++i) {
          recorded.run();
          eager.run_observed();
        }
        CHECK(recorded.state() == eager.state());
      }
  }

  TEST_CASE("in a single step, going back through the critic twice gives what going back once gives") {
    // Descending the critic's own divergence by way of the conversion is the same objective by another path.
    GameOptions once, twice;
    once.divergence = twice.divergence = math::DivergenceId::gan;
    twice.objective = math::Objective::maximum_likelihood;
    once.generator_divergence = "kl";
    Run a(once, Architecture::dcgan), b(twice, Architecture::dcgan);
    a.run();
    b.run();
    CHECK(difference(a.gradients(), b.gradients()) == 0.0);
    GameOptions shared, converted;
    shared.divergence = converted.divergence = math::DivergenceId::kl;
    shared.parametrization = converted.parametrization = math::Parametrization::log_ratio;
    converted.objective = math::Objective::maximum_likelihood;  // the same slopes, through a backward pass of its own
    Run c(shared, Architecture::dcgan), d(converted, Architecture::dcgan);
    c.run();
    d.run();
    CHECK(difference(c.gradients(), d.gradients()) == 0.0);
  }

  TEST_CASE("with a frozen critic the generator's gradient is the same under both rules") {
    GameOptions single, alternating;
    alternating.rule = Rule::alternating;
    for (const math::Objective objective : {math::Objective::minimax, math::Objective::non_saturating}) {
      single.objective = alternating.objective = objective;
      Run a(single, Architecture::mlp), b(alternating, Architecture::mlp);
      a.step->run_observed([&] { a.feed(); }, [](Phase) {});
      b.step->run_observed([&] { b.feed(); },
                           [&](Phase phase) {
                             if (phase == Phase::critic_update)
                               b.players->critic().params().initialize(*b.device, 1, static_cast<int>(Player::critic));  // undo
                           });
      CHECK(difference(a.gradients(), b.gradients()) < 1e-5);
    }
  }

  TEST_CASE("the best device trains like the oracle") {
    for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan}) {
      GameOptions game;
      game.divergence = math::DivergenceId::jeffrey;
      Run oracle(game, architecture), fast(game, architecture, "auto");
      oracle.run();
      fast.run();
      CHECK(difference(fast.gradients(), oracle.gradients()) < 2e-5);
    }
  }
}

}  // namespace fgan
