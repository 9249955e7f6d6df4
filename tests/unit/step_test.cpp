// The rules of the game in whole steps on a device: what must be equal to what.
#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/error.h"
#include "conformance/run_case.h"
#include "device/device.h"
#include "math/bf16.h"
#include "train/state.h"
#include "train/step.h"

namespace fgan {
namespace {

constexpr std::int64_t kBatch = 4, kReference = 5;

struct Run {
  std::unique_ptr<Device> device;
  std::unique_ptr<Players> players;
  std::unique_ptr<GanStep> step;
  Shape data{1, 28, 28, 1};
  std::uint64_t fed = 0;

  struct Changes {
    double dropout = 0;
    bool frozen_generator = false, frozen_critic = false;
    Normalization generator = Normalization::automatic, critic = Normalization::automatic;
    bool reference_gradient = true;
    ComputeType dtype = ComputeType::f32;
    HiddenActivation activation = HiddenActivation::automatic;
    bool augmented = false;  // mirrored and dequantised
  };

  Run(GameOptions game, Architecture architecture, const std::string& device_name = "naive")
      : Run(game, architecture, Changes{}, device_name) {}
  Run(GameOptions game, Architecture architecture, const Changes& changes, const std::string& device_name = "naive")
      : device(make_device({.name = device_name, .threads = 2, .dtype = changes.dtype})) {
    PlayersOptions options;
    options.generator.model.architecture = options.critic.model.architecture = architecture;
    options.generator.model.width = options.critic.model.width = 4;
    options.generator.model.init_deviation = options.critic.model.init_deviation = 0.2;
    options.generator.model.dropout = options.critic.model.dropout = changes.dropout;
    options.generator.optimizer.frozen = changes.frozen_generator;
    options.critic.optimizer.frozen = changes.frozen_critic;
    options.generator.model.activation = options.critic.model.activation = changes.activation;
    options.generator.model.normalization = changes.generator;
    options.critic.model.normalization = changes.critic;
    options.generator.model.reference_gradient = options.critic.model.reference_gradient = changes.reference_gradient;
    options.latent.latent = 6;
    options.average = 0.5;
    options.batch = kReference;
    options.dequantised = changes.augmented;
    players = std::make_unique<Players>(*device, options, data, Players::Use::training);
    players->initialize(*device, 1);
    step = std::make_unique<GanStep>(*device, *players, StepOptions{game, kBatch, 1, DType::u8, changes.augmented});
    if (const Tensor reference = step->critic_reference()) {
      const std::vector<std::uint8_t> pixels = random_pixels(kReference, 1000);
      device->upload(reference.data, pixels.data(), pixels.size());
    }
  }

  std::vector<std::uint8_t> random_pixels(std::int64_t rows, std::uint64_t which) const {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(rows * data.example()));
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = static_cast<std::uint8_t>(math::bits(5, math::Purpose::bench, which, 0, static_cast<std::uint32_t>(i)) >> 24);
    return pixels;
  }
  void feed() {
    const std::vector<std::uint8_t> pixels = random_pixels(kBatch, fed++);
    device->upload(step->staging().data, pixels.data(), pixels.size());
  }
  void run() {
    step->run([this] { feed(); });
  }
  void run_observed() {
    step->run_observed([this] { feed(); }, [](Phase) {});
  }
  std::vector<std::byte> state() { return bytes(""); }
  // Of the state, what is named with this prefix.
  std::vector<std::byte> bytes(const std::string& prefix) {
    std::vector<std::byte> all;
    for (const StoredTensor& tensor : store(*device, training_state(*players, *step)))
      if (tensor.name.starts_with(prefix)) all.insert(all.end(), tensor.bytes.begin(), tensor.bytes.end());
    return all;
  }
  std::vector<float> numbers(const Tensor& tensor) {
    std::vector<float> values(static_cast<std::size_t>(tensor.shape.count()));
    device->download(values.data(), tensor.data, tensor.bytes());
    return values;
  }
  std::vector<float> gradients_of(const Network& network) {
    const ParamStore& params = network.params();
    std::vector<float> all;
    for (std::size_t i = 0; i < params.parameters().size() && params.has(Block::gradient); ++i) {
      const std::vector<float> one = download_floats(*device, params.tensor(Block::gradient, static_cast<int>(i)));
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  }
  std::vector<float> gradients() {
    std::vector<float> all = gradients_of(players->generator());
    const std::vector<float> critic = gradients_of(players->critic());
    all.insert(all.end(), critic.begin(), critic.end());
    return all;
  }
  // Whether the rounded weights are the weights, rounded.
  bool rounded(const Network& network) {
    const Tensor weights = network.params().flat(Block::weights), halves = network.params().flat(Block::rounded);
    const auto count = static_cast<std::size_t>(weights.shape.count());
    std::vector<float> exact(count);
    std::vector<math::Bf16> found(count);
    device->download(exact.data(), weights.data, weights.bytes());
    device->download(found.data(), halves.data, halves.bytes());
    return std::equal(exact.begin(), exact.end(), found.begin(),
                      [](float w, math::Bf16 half) { return math::to_bf16(w).bits == half.bits; });
  }
  std::vector<float> statistics() {
    std::vector<float> values(2 * static_cast<std::size_t>(GameStat::count));
    const std::size_t half = values.size() / 2;
    device->download(values.data(), step->critic_statistics().data, half * sizeof(float));
    device->download(values.data() + half, step->generator_statistics().data, half * sizeof(float));
    return values;
  }
};

// Every way through a step: one backward for both players, two on one tape, two tapes, fakes drawn anew.
std::vector<GameOptions> ways() {
  std::vector<GameOptions> all(4);
  all[1].objective = math::Objective::non_saturating;
  all[2].rule = all[3].rule = Rule::alternating;
  all[3].critic_steps = 2;
  all[3].fresh_fakes = true;
  return all;
}

std::vector<Run::Changes> with_references() {
  std::vector<Run::Changes> all;
  for (const Normalization n : {Normalization::virtual_batch, Normalization::reference_batch}) {
    all.push_back({.generator = n, .critic = n});
    all.push_back({.dropout = 0.3, .generator = n});
    all.push_back({.critic = n, .reference_gradient = false});
  }
  return all;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double error = 0, scale = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    scale += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(error / scale);
}

// Some twenty roundings by at most 2^-9 on the way there and back add up to a few 2^-9.  Smooth activations: each slope of relu whose
// side a rounding changes is wrong by all of itself.
void check_gradients_in_bf16(const std::string& device) {
  const Run::Changes bare{.generator = Normalization::none, .critic = Normalization::none}, usual{},
      reference{.critic = Normalization::virtual_batch};
  for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan})
    for (const GameOptions& game : ways())
      for (Run::Changes changes : {bare, usual, reference}) {
        if (game.critic_steps > 1) continue;  // a second update starts from other weights
        changes.activation = HiddenActivation::tanh;
        Run exact(game, architecture, changes);
        changes.dtype = ComputeType::bf16;
        Run half(game, architecture, changes, device);
        exact.run();
        half.run();
        CHECK(distance(half.gradients_of(half.players->generator()), exact.gradients_of(exact.players->generator())) < 2e-2);
        CHECK(distance(half.gradients_of(half.players->critic()), exact.gradients_of(exact.players->critic())) < 2e-2);
        CHECK(half.gradients() != exact.gradients());
      }
}

void check_rounded_weights(const std::string& device) {
  for (const Run::Changes& changes :
       {Run::Changes{.dtype = ComputeType::bf16}, Run::Changes{.frozen_generator = true, .dtype = ComputeType::bf16}}) {
    Run run(GameOptions{}, Architecture::mlp, changes, device), other(GameOptions{}, Architecture::mlp, changes, device);
    for (int step = 0; step < 3; ++step) {
      CHECK(run.rounded(run.players->generator()));
      CHECK(run.rounded(run.players->critic()));
      run.run();
    }
    restore(*other.device, training_state(*other.players, *other.step), {{}, store(*run.device, training_state(*run.players, *run.step))});
    CHECK(!other.rounded(other.players->critic()));
    other.players->round_weights(*other.device);
    CHECK(other.rounded(other.players->generator()));
    CHECK(other.rounded(other.players->critic()));
    other.fed = run.fed;
    run.run();
    other.run();
    CHECK(run.state() == other.state());
  }
}

bool processor_multiplies_bf16() {
  if (conformance::cpu_device(1, ComputeType::bf16)) return true;
  std::puts("SKIP: this processor does not multiply bf16");
  return false;
}

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  double error = 0, scale = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(a[i]) - b[i]));
    scale = std::max(scale, std::abs(static_cast<double>(b[i])));
  }
  return error / scale;
}

}  // namespace

TEST_SUITE("fast bf16") {
  TEST_CASE("on a processor gradients of a first step in bf16 are those of f32 to its rounding") {
    if (processor_multiplies_bf16()) check_gradients_in_bf16("cpu");
  }

  TEST_CASE("on a processor in bf16 the rounded weights are the weights after every step") {
    if (processor_multiplies_bf16()) check_rounded_weights("cpu");
  }

  // A sum in another order may be rounded to the neighbour, by 2^-8: far fewer are than are not.
  TEST_CASE("a processor in bf16 trains like the oracle that rounds where it does, and replaying equals running") {
    if (!processor_multiplies_bf16()) return;
    for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan})
      for (const GameOptions& game : ways()) {
        const Run::Changes changes{.dropout = 0.3, .dtype = ComputeType::bf16, .activation = HiddenActivation::tanh};
        Run oracle(game, architecture, changes), recorded(game, architecture, changes, "cpu"), eager(game, architecture, changes, "cpu");
        for (int i = 0; i < 3; ++i) {
          oracle.run();
          recorded.run();
          eager.run_observed();
        }
        CHECK(recorded.state() == eager.state());
        CHECK(distance(recorded.gradients(), oracle.gradients()) < 1e-2);
      }
  }
}

TEST_SUITE("fast") {
  TEST_CASE("replaying the recording equals running the phases one by one") {
    for (const Rule rule : {Rule::single_step, Rule::alternating})
      for (const math::Objective objective : {math::Objective::minimax, math::Objective::non_saturating}) {
        GameOptions game;
        game.rule = rule;
        game.objective = objective;
        game.critic_steps = rule == Rule::alternating ? 2 : 1;
        for (const double dropout : {0.0, 0.3}) {
          Run recorded(game, Architecture::dcgan, Run::Changes{dropout}), eager(game, Architecture::dcgan, Run::Changes{dropout});
          for (int i = 0; i < 3; ++i) {
            recorded.run();
            eager.run_observed();
          }
          CHECK(recorded.state() == eager.state());
        }
      }
  }

  TEST_CASE("in a single step, two names of one objective give the same gradients") {
    // Descending the critic's own divergence by way of the conversion is the same objective by another path.
    GameOptions likelihood, converted;
    likelihood.divergence = converted.divergence = math::DivergenceId::gan;
    likelihood.objective = math::Objective::maximum_likelihood;
    converted.generator_divergence = "kl";
    Run a(likelihood, Architecture::dcgan), b(converted, Architecture::dcgan);
    a.run();
    b.run();
    CHECK(difference(a.gradients(), b.gradients()) == 0.0);
  }

  TEST_CASE("going back through the critic's tape once for both players gives each what going back for it alone gives") {
    for (const double dropout : {0.0, 0.3}) {  // the masks of both ways back are those of the way forward
      const GameOptions game;
      Run both(game, Architecture::dcgan, Run::Changes{dropout}),
          generator(game, Architecture::dcgan, Run::Changes{.dropout = dropout, .frozen_critic = true}),
          critic(game, Architecture::dcgan, Run::Changes{.dropout = dropout, .frozen_generator = true});
      for (Run* run : {&both, &generator, &critic}) run->run();
      CHECK(difference(generator.gradients(), both.gradients_of(both.players->generator())) < 1e-5);
      CHECK(difference(critic.gradients(), both.gradients_of(both.players->critic())) == 0.0);
    }
  }

  TEST_CASE("a frozen player keeps its weights and average to the byte, has no moments, and the other learns") {
    for (const Rule rule : {Rule::single_step, Rule::alternating})
      for (const bool generator_learns : {false, true}) {
        GameOptions game;
        game.rule = rule;
        game.fresh_fakes = rule == Rule::alternating;
        const auto frozen = Run::Changes{.frozen_generator = !generator_learns, .frozen_critic = generator_learns};
        Run run(game, Architecture::dcgan, frozen), replayed(game, Architecture::dcgan, frozen);
        const auto generator = run.bytes("generator."), average = run.bytes("generator_average."), critic = run.bytes("critic.");
        for (int i = 0; i < 3; ++i) {
          run.run_observed();
          replayed.run();
        }
        CHECK(run.state() == replayed.state());
        CHECK((run.bytes("generator.") != generator) == generator_learns);
        CHECK((run.bytes("generator_average.") != average) == generator_learns);
        CHECK((run.bytes("critic.") != critic) == !generator_learns);
        CHECK(run.bytes("generator_optimizer.first_moment.").empty() == !generator_learns);
        CHECK(run.bytes("critic_optimizer.first_moment.").empty() == generator_learns);
      }
  }

  TEST_CASE("a frozen player changes nothing for the other in the first step") {
    for (const Rule rule : {Rule::single_step, Rule::alternating}) {
      GameOptions game;
      game.rule = rule;
      game.objective = math::Objective::non_saturating;
      Run free(game, Architecture::mlp), frozen_generator(game, Architecture::mlp, Run::Changes{.frozen_generator = true}),
          frozen_critic(game, Architecture::mlp, Run::Changes{.frozen_critic = true});
      for (Run* run : {&free, &frozen_generator, &frozen_critic}) run->run();
      CHECK(frozen_generator.bytes("critic.") == free.bytes("critic."));
      if (rule == Rule::single_step) CHECK(frozen_critic.bytes("generator.") == free.bytes("generator."));
      CHECK(frozen_generator.statistics() == free.statistics());
    }
  }

  TEST_CASE("with references in either player replaying equals running, and the best device trains like the oracle") {
    for (const GameOptions& game : ways())
      for (const Run::Changes& changes : with_references())
        for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan}) {
          if (architecture == Architecture::mlp && changes.critic != Normalization::automatic && !changes.reference_gradient) continue;
          Run recorded(game, architecture, changes), eager(game, architecture, changes), fast(game, architecture, changes, "auto");
          recorded.run();
          eager.run_observed();
          fast.run();
          CHECK(recorded.state() == eager.state());
          CHECK(difference(fast.gradients(), eager.gradients()) < 2e-5);
        }
  }

  TEST_CASE("with references too, both ways back through the critic give the generator the same gradient before the critic moves") {
    GameOptions single, alternating;
    alternating.rule = Rule::alternating;
    for (const math::Objective objective : {math::Objective::minimax, math::Objective::non_saturating})
      for (const Run::Changes& changes : with_references()) {
        if (changes.dropout > 0) continue;  // a tape of its own has masks of its own
        single.objective = alternating.objective = objective;
        Run a(single, Architecture::dcgan, changes), b(alternating, Architecture::dcgan, changes);
        a.run_observed();
        b.step->run_observed([&] { b.feed(); },
                             [&](Phase phase) {
                               if (phase == Phase::critic_update)
                                 b.players->critic().params().initialize(*b.device, 1, static_cast<int>(Player::critic));  // undo
                             });
        CHECK(difference(a.gradients(), b.gradients()) < 1e-5);
      }
  }

  TEST_CASE("the critic's reference is part of the state, and what it holds matters") {
    const Run::Changes changes{.critic = Normalization::virtual_batch};
    Run a(GameOptions{}, Architecture::dcgan, changes), b(GameOptions{}, Architecture::dcgan, changes);
    CHECK(a.bytes("reference.").size() == static_cast<std::size_t>(kReference * a.data.example()));
    const std::vector<std::uint8_t> other = b.random_pixels(kReference, 1001);
    b.device->upload(b.step->critic_reference().data, other.data(), other.size());
    a.run();
    b.run();
    CHECK(a.bytes("critic.") != b.bytes("critic."));
    CHECK(Run(GameOptions{}, Architecture::dcgan).bytes("reference.").empty());
  }

  TEST_CASE("real examples are augmented, differently in each critic update, and the reference is not") {
    for (const char* device : {"naive", "auto"}) {
      GameOptions game;
      game.rule = Rule::alternating;
      game.critic_steps = 2;
      const Run::Changes changes{.critic = Normalization::virtual_batch, .augmented = true};
      Run run(game, Architecture::mlp, changes, device), recorded(game, Architecture::mlp, changes, device);
      const math::PixelRange range = run.players->pixel_range();
      std::vector<std::vector<float>> real;
      run.step->run_observed([&] { run.fed = 0, run.feed(); },
                             [&](Phase phase) {
                               if (phase == Phase::critic_gradient) real.push_back(run.numbers(run.step->real()));
                             });
      const std::vector<std::uint8_t> fed = run.random_pixels(kBatch, 0), reference = run.random_pixels(kReference, 1000);
      for (std::size_t k = 0; k < 2; ++k)
        for (std::uint32_t i = 0; i < fed.size(); ++i) {
          const std::uint32_t row = i / 784, e = i % 784;
          const std::uint32_t from = math::is_mirrored(1, k, row) ? math::mirrored_element(e, 28, 1) : e;
          REQUIRE(math::byte_of(range, static_cast<double>(real[k][i])) == fed[row * 784 + from]);
        }
      CHECK(real[0] != real[1]);
      const std::vector<float> seen = run.numbers(run.step->critic_reference_input());
      for (std::size_t i = 0; i < seen.size(); ++i) REQUIRE(seen[i] == math::number_of(range, static_cast<float>(reference[i])));
      recorded.step->run([&] { recorded.fed = 0, recorded.feed(); });
      CHECK(run.state() == recorded.state());
    }
  }

  TEST_CASE("two frozen players are refused in words") {
    try {
      Run(GameOptions{}, Architecture::mlp, Run::Changes{.frozen_generator = true, .frozen_critic = true});
      FAIL("nothing would be trained");
    } catch (const Error& error) {
      CHECK(error.exit() == Exit::usage);
      CHECK(std::string(error.what()).find("generator.frozen") == 0);
    }
  }

  TEST_CASE("before the critic moves the generator's gradient is the same under both rules") {
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

  TEST_CASE("gradients of a first step in bf16 are those of f32 to its rounding") { check_gradients_in_bf16("naive"); }

  TEST_CASE("in bf16 the rounded weights are the weights after every step, loaded or updated, and no part of the state") {
    check_rounded_weights("naive");
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
