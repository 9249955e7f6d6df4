// No number that is not finite reaches a checkpoint, and a diagnosis names the first of them.
#include "train/run_state.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/error.h"
#include "scratch.h"
#include "train/diagnosis.h"
#include "train/rollback.h"

namespace fgan {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TrainRun small_run(const test::Scratch& scratch) {
  TrainRun run;
  run.data.kind = DataKind::gaussian_mixture;
  run.data.weights = {1};
  run.data.means = "0";
  run.data.deviations = {1};
  run.players.generator.model.architecture = run.players.critic.model.architecture = Architecture::mlp;
  run.players.generator.model.width = run.players.critic.model.width = 4;
  run.players.generator.model.depth = run.players.critic.model.depth = 1;
  run.players.generator.model.normalization = Normalization::batch;
  run.players.critic.optimizer.clip = 0;
  run.players.average = 0.5;
  run.train.batch = 4;
  run.folder = scratch.folder();
  return run;
}

struct Run {
  test::Scratch scratch;
  TrainRun options = small_run(scratch);
  std::unique_ptr<Device> device = make_device({.name = "naive"});
  std::unique_ptr<Dataset> dataset = open_dataset(options.data, 1);
  Players players{*device, options.players, dataset->sample_shape(), Players::Use::training};
  GanStep step{*device, players, {options.game, options.train.batch, 1, DType::f32}};
  Sampling sampling{*device, players, 1, 1};
  RunState state{options, *device, *dataset, players, step};
  std::vector<float> batch{0.5f, -0.5f, 1, 2};

  Run() {
    make_folder(scratch / "checkpoints");
    begin(state);
    sampling.calibrate();
  }
  void set(const Tensor& tensor, float value) { device->upload(tensor.data, &value, sizeof value); }
  void fill(const Tensor& tensor, float value) {
    const std::vector<float> values(static_cast<std::size_t>(tensor.shape.count()), value);
    device->upload(tensor.data, values.data(), tensor.bytes());
  }
  void save() { write_checkpoint(state, sampling, {.step = 5, .data_shape = dataset->sample_shape(), .device = "naive", .settings = {}}); }
  std::string diagnosis() {
    return diagnose(*device, players, step, [this] { device->upload(step.staging().data, batch.data(), batch.size() * sizeof(float)); })
        .first;
  }
};

std::string failure(Run& run) {
  try {
    run.save();
  } catch (const Diverged& diverged) {
    return diverged.what;
  }
  return "";
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a checkpoint is refused with the name of what is not finite, and nothing is written") {
    const char* expected[] = {"critic.main.0.weight of the state", "generator_average.main.0.weight of the state",
                              "critic_optimizer.second_moment.main.0.weight of the state", "running_"};
    for (int which = 0; which < 4; ++which) {
      Run run;
      CHECK(failure(run) == "");
      CHECK(std::filesystem::remove(checkpoint_path(run.scratch.folder(), 5)));
      const ParamStore &generator = run.players.generator().params(), &critic = run.players.critic().params();
      if (which == 0) run.set(critic.tensor(Block::weights, 0), kInf);
      if (which == 1) run.set(generator.tensor(Block::average, 0), -kInf);
      if (which == 2) run.set(critic.tensor(Block::second_moment, 0), std::nanf(""));
      if (which == 3) {  // finite weights whose sums are not: only the calibrated moments show it
        run.set(generator.tensor(Block::average, 0), 3e38f);
        run.sampling.calibrate();
      }
      INFO(failure(run));
      CHECK(test::contains(failure(run), expected[which]));
      CHECK(checkpoint_files(run.scratch.folder()).empty());
    }
  }

  TEST_CASE("a diagnosis names the first number that is not finite: of the state, the data, or what was computed of them") {
    const auto starts = [](const std::string& text, const std::string& name) {
      return text.starts_with("the first that is not finite is " + name + " ") ||
             text.starts_with("the first that is not finite is " + name + ":");
    };
    Run state, data, fakes, outputs, gradient, none;
    state.set(state.players.critic().params().tensor(Block::first_moment, 1), kInf);
    CHECK(starts(state.diagnosis(), "critic_optimizer.first_moment.main.0.bias"));
    data.batch[2] = kInf;
    CHECK(starts(data.diagnosis(), "real"));
    const ParamStore& generator = fakes.players.generator().params();
    for (int i = 0; i < static_cast<int>(generator.parameters().size()); ++i) fakes.set(generator.tensor(Block::weights, i), 3e38f);
    CHECK(starts(fakes.diagnosis(), "fake"));
    const ParamStore& critic = outputs.players.critic().params();
    for (int i = 0; i < static_cast<int>(critic.parameters().size()); ++i) outputs.set(critic.tensor(Block::weights, i), 3e38f);
    CHECK(starts(outputs.diagnosis(), "v_real"));
    gradient.batch = {-3e38f, -2e38f, -3e38f, -2e38f};  // which tiny weights make small, and their gradients do not
    gradient.fill(gradient.players.critic().params().tensor(Block::weights, 0), 1e-38f);
    gradient.fill(gradient.players.critic().params().tensor(Block::weights, 2), 100);
    CHECK(starts(gradient.diagnosis(), "critic.main.0.weight.grad"));
    CHECK(test::contains(none.diagnosis(), "every number is finite; the largest of the gradients is"));
  }
}

}  // namespace fgan
