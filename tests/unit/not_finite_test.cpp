// A step in which something is not finite: every player whose gradient is hit stays as it was, to the bit, and the next step is an
// ordinary one.  Faults are put in between the ops of a step, so that each place is met by itself.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/ops.h"
#include "train/observation.h"
#include "train/state.h"
#include "train/step.h"

namespace fgan {
namespace {

constexpr std::int64_t kBatch = 4;
constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

enum class Place { nowhere, real, latent, v, slope, generator_slope, gradient };

struct Fault {
  Place place = Place::nowhere;
  float value = 0;
  float* gradient = nullptr;  // where, for Place::gradient
};

// The ops of another device, with a fault.
class FaultyOps : public Ops {
 public:
  explicit FaultyOps(Ops& ops) : ops_(ops) {}
  Fault fault;

  void noise(Queue& q, Noise kind, std::uint64_t seed, math::Purpose purpose, Out counter, std::int64_t advance, Out y) override {
    ops_.noise(q, kind, seed, purpose, counter, advance, y);
    if (fault.place == Place::latent) strike(y);
  }
  void game(Queue& q, const math::GameSpec& spec, Groups groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) override {
    if (fault.place == Place::v) strike(v);
    ops_.game(q, spec, groups, v, dcritic, dgenerator, statistics, capped);
    if (fault.place == Place::slope && dcritic) strike(dcritic);
    if (fault.place == Place::generator_slope && dgenerator) strike(dgenerator);
  }
  void optimizer_step(Queue& q, const math::OptimizerSpec& spec, const OptimizerBlocks& blocks, Out counters) override {
    const auto* first = static_cast<const float*>(blocks.gradient.data);
    const bool ours = fault.gradient >= first && fault.gradient < first + blocks.gradient.shape.count();
    if (fault.place == Place::gradient && ours) *fault.gradient = fault.value;
    ops_.optimizer_step(q, spec, blocks, counters);
  }

  void prepare_conv(const ConvJob& job) override { ops_.prepare_conv(job); }
  void conv(Queue& q, const ConvSpec& s, In x, In f, const Epilogue& e, Out y) override { ops_.conv(q, s, x, f, e, y); }
  void conv_grad_input(Queue& q, const ConvSpec& s, In dy, In f, const Epilogue& e, Out dx) override {
    ops_.conv_grad_input(q, s, dy, f, e, dx);
  }
  void conv_grad_filter(Queue& q, const ConvSpec& s, In x, In dy, Out df) override { ops_.conv_grad_filter(q, s, x, dy, df); }
  void prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) override { ops_.prepare_linear(rows, in, out); }
  void linear(Queue& q, In x, In w, const Epilogue& e, Out y) override { ops_.linear(q, x, w, e, y); }
  void linear_grad_input(Queue& q, In dy, In w, Out dx) override { ops_.linear_grad_input(q, dy, w, dx); }
  void linear_grad_weight(Queue& q, In x, In dy, Out dw) override { ops_.linear_grad_weight(q, x, dy, dw); }
  void prepare_channels(const Shape& x) override { ops_.prepare_channels(x); }
  void bias_act(Queue& q, const math::ActivationSpec& s, In x, In b, Out y) override { ops_.bias_act(q, s, x, b, y); }
  void bias_act_grad(Queue& q, const math::ActivationSpec& s, In y, In dy, Out dx, Out db) override {
    ops_.bias_act_grad(q, s, y, dy, dx, db);
  }
  void normalize(Queue& q, const NormSpec& s, Groups g, In x, In gain, In bias, Out y, Out moments) override {
    ops_.normalize(q, s, g, x, gain, bias, y, moments);
  }
  void normalize_grad(Queue& q, const NormSpec& s, Groups g, In x, In y, In dy, In gain, In m, Out dx, Out dg, Out db) override {
    ops_.normalize_grad(q, s, g, x, y, dy, gain, m, dx, dg, db);
  }
  void dropout(Queue& q, const math::DropoutSpec& s, In counter, In x, Out y) override { ops_.dropout(q, s, counter, x, y); }
  void pixels_in(Queue& q, const math::PixelRange& range, const math::Augmentation& a, In counter, In pixels, Out y) override {
    ops_.pixels_in(q, range, a, counter, pixels, y);
  }
  void pixels_out(Queue& q, const math::PixelRange& range, In x, Out pixels) override { ops_.pixels_out(q, range, x, pixels); }
  void copy(Queue& q, In x, Out y) override { ops_.copy(q, x, y); }

 private:
  void strike(In numbers) const { static_cast<float*>(numbers.data)[numbers.shape.count() - 1] = fault.value; }  // a fake row's

  Ops& ops_;
};

class FaultyDevice : public Device {
 public:
  explicit FaultyDevice(const std::string& name) : device_(make_device({.name = name, .threads = 1})), ops_(device_->ops()) {}
  Fault& fault() { return ops_.fault; }
  std::string description() const override { return device_->description(); }
  std::string isa() const override { return device_->isa(); }
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return device_->allocate(bytes); }
  Queue& queue() override { return device_->queue(); }
  Ops& ops() override { return ops_; }
  std::unique_ptr<Recording> record(std::function<void(Queue&)> work) override { return device_->record(std::move(work)); }
  void upload(void* device, const void* host, std::size_t bytes) override { device_->upload(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override { device_->download(host, device, bytes); }

 private:
  std::unique_ptr<Device> device_;
  FaultyOps ops_;
};

PlayersOptions small_players(double clip) {
  PlayersOptions options;
  options.generator.model.architecture = options.critic.model.architecture = Architecture::affine;
  options.generator.model.width = options.critic.model.width = 4;
  options.generator.optimizer.clip = options.critic.optimizer.clip = clip;
  options.average = 0.5;
  return options;
}

// What belongs to one player, and what its optimiser counted.
struct PlayerState {
  std::vector<std::byte> bytes;
  std::vector<std::int64_t> counters;
  bool finite = false;
};

struct Run {
  FaultyDevice device;
  Players players;
  GanStep step;

  Run(const GameOptions& game, const std::string& name, double clip)
      : device(name),
        players(device, small_players(clip), Shape{1, 1, 1, 1}, Players::Use::training),
        step(device, players, {game, kBatch, 1, DType::f32}) {
    players.initialize(device, 1);
  }
  void run(const Fault& fault = {}) {
    device.fault() = fault;
    std::vector<float> real{0.5f, -0.25f, 1.5f, 0.75f};
    if (fault.place == Place::real) real[1] = fault.value;
    step.run([&] { device.upload(step.staging().data, real.data(), real.size() * sizeof(float)); });
    device.fault() = {};
  }
  PlayerState of(const std::string& player) {
    PlayerState state;
    std::vector<StoredTensor> tensors = store(device, training_state(players, step));
    std::erase_if(tensors, [&](const StoredTensor& tensor) { return !tensor.name.starts_with(player); });
    for (const StoredTensor& tensor : tensors)
      if (!tensor.name.ends_with("counters")) state.bytes.insert(state.bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
    const Optimizer& optimizer = player == "critic" ? players.critic_optimizer() : players.generator_optimizer();
    state.counters.resize(static_cast<std::size_t>(OptimizerCounter::count));
    device.download(state.counters.data(), optimizer.counters().data, optimizer.counters().bytes());
    state.finite = !first_not_finite(tensors);
    return state;
  }
};

using Counts = std::vector<std::int64_t>;
Counts plus(Counts counts, std::int64_t updates, std::int64_t skipped) {
  counts[0] += updates;
  counts[1] += skipped;
  counts[2] = 0;  // not of interest
  counts[3] = skipped;
  return counts;
}

enum class Must { skip, be_whole };  // be_whole: either skip to the bit, or do a finite update

void check(const PlayerState& before, const PlayerState& after, std::int64_t updates, Must must) {
  Counts counters = after.counters;
  counters[2] = 0;
  const bool skipped = counters[1] > before.counters[1];
  CHECK((skipped || must == Must::be_whole));
  CHECK(after.finite);
  if (!skipped) return;
  CHECK(counters == plus(before.counters, 0, updates));
  CHECK((after.bytes == before.bytes));
}

// One faulty step, and a clean one after it.
void strike(Run& run, const Fault& fault, std::int64_t critic_steps, Must critic, Must generator) {
  const PlayerState critic_before = run.of("critic"), generator_before = run.of("generator");
  run.run(fault);
  const PlayerState critic_after = run.of("critic"), generator_after = run.of("generator");
  {
    INFO("the critic");
    check(critic_before, critic_after, critic_steps, critic);
  }
  {
    INFO("the generator");
    check(generator_before, generator_after, 1, generator);
  }
  run.run();
  for (const auto& [name, before, updates] :
       {std::tuple("critic", critic_after, critic_steps), std::tuple("generator", generator_after, std::int64_t{1})}) {
    const char* player = name;  // Clang 14 lets no lambda, as INFO makes one, use a structured binding
    const PlayerState now = run.of(player);
    INFO("a clean step of the ", player);
    Counts counters = now.counters;
    counters[2] = 0;
    CHECK(counters == plus(before.counters, updates, 0));
    CHECK((now.bytes != before.bytes));
    CHECK(now.finite);
  }
}

void strike_everywhere(Run& run, const GameOptions& game, float value) {
  const std::int64_t critic_steps = game.rule == Rule::alternating ? game.critic_steps : 1;
  const Must if_nan = std::isnan(value) ? Must::skip : Must::be_whole;  // an infinite number may end where a slope is 0
  const bool own_slope = game.rule == Rule::alternating || game.objective != math::Objective::minimax;
  const struct {
    const char* name;
    Place place;
    Must critic, generator;
  } places[] = {
      {"a real example", Place::real, if_nan, Must::be_whole},
      {"a latent", Place::latent, if_nan, if_nan},
      {"an output of the critic", Place::v, Must::be_whole, Must::be_whole},
      {"a slope of the critic's loss", Place::slope, Must::skip, own_slope ? Must::be_whole : Must::skip},
      {"a slope of the generator's loss", Place::generator_slope, Must::be_whole, own_slope ? Must::skip : Must::be_whole},
  };
  for (const auto& place : places) {
    INFO(place.name);
    strike(run, {place.place, value}, critic_steps, place.critic, place.generator);
  }
  for (Network* network : {&run.players.critic(), &run.players.generator()}) {
    const bool critic = network == &run.players.critic();
    for (std::size_t i = 0; i < network->params().parameters().size(); ++i) {
      INFO("the gradient of ", network->params().parameters()[i].name, critic ? " of the critic" : " of the generator");
      auto* gradient = static_cast<float*>(network->params().tensor(Block::gradient, static_cast<int>(i)).data);
      strike(run, {Place::gradient, value, gradient}, critic_steps, critic ? Must::skip : Must::be_whole,
             critic ? Must::be_whole : Must::skip);
    }
  }
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a step in which a number is not finite leaves who is hit as it was, to the bit, and the next step is an ordinary one") {
    for (const DeviceInfo& info : list_devices()) {
      if (!info.available || info.name == "cuda") continue;  // faults are written into host memory
      for (const math::DivergenceInfo& divergence : math::kDivergences)
        for (const bool alternating : {false, true})
          for (const math::Objective objective : {math::Objective::minimax, math::Objective::non_saturating}) {
            GameOptions game;
            game.divergence = divergence.id;
            game.objective = objective;
            if (alternating) game.rule = Rule::alternating, game.critic_steps = 2;
            INFO(info.name, ", ", divergence.name, alternating ? ", alternating, " : ", single-step, ", to_string(objective));
            Run run(game, info.name, alternating ? 0 : 100);
            run.run();
            for (const float value : {kNan, kInf, -kInf}) {
              INFO("value ", value);
              strike_everywhere(run, game, value);
            }
          }
    }
  }
}

}  // namespace fgan
