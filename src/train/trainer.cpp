#include "train/trainer.h"

#include <memory>
#include <optional>

#include "base/log.h"
#include "data/loader.h"
#include "image/png.h"
#include "train/diagnosis.h"
#include "train/dump.h"
#include "train/health.h"
#include "train/pictures.h"
#include "train/rollback.h"
#include "train/run_log.h"
#include "train/run_state.h"
#include "train/sampling.h"
#include "train/stop.h"

namespace fgan {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // before signals and the clock are looked at again
constexpr std::int64_t kLookEvery = 16;              // steps between looks at the counters, each of which waits for the device

class Trainer {
 public:
  explicit Trainer(const TrainRun& run);
  Exit run(RunFolder& folder);
  // A finished run is not even loaded.  One stopped while it drew its last picture is not finished.
  bool finished() const {
    const std::int64_t steps = run_.train.steps;
    return found_ && (step_number_ > steps || (step_number_ == steps && sampled()));
  }
  void describe() const;
  void describe_memory(std::size_t weights) const;
  void describe_work() const;
  void say_finished() const;

 private:
  void refuse_augmented_numbers() const;
  void build();
  void start_folder(RunFolder& folder);
  void feed();
  void one_step();
  Exit attempt();  // throws Diverged
  void look_at_updates() const;
  bool roll_back(RunFolder& folder, const Diverged& diverged);  // false when it is given up
  void give_up(const Diverged& diverged, const Observation& seen, Diagnosis diagnosis) const;
  void calibrate();
  void write_checkpoint();
  bool write_samples();  // false when it was left because of a signal
  void catch_up();
  std::optional<std::string> reason_to_stop() const;
  CheckpointHeader header() const;
  RunState state() const { return {run_, *device_, *dataset_, *players_, *step_}; }
  bool due(std::int64_t every) const { return every > 0 && step_number_ % every == 0; }
  bool samples_due() const { return due(run_.log.sample_every > 0 ? run_.log.sample_every : run_.train.checkpoint_every); }
  std::filesystem::path samples_path() const { return run_.folder / "samples" / format("{:08d}.png", step_number_); }
  bool sampled() const {
    std::error_code ignored;  // a picture that cannot be looked at is drawn again
    return std::filesystem::exists(samples_path(), ignored);
  }

  const TrainRun& run_;
  std::optional<FoundCheckpoint> found_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Dataset> dataset_;
  std::unique_ptr<Players> players_;
  std::unique_ptr<GanStep> step_;
  std::unique_ptr<Sampling> sampling_;
  std::unique_ptr<Loader> loader_;
  std::unique_ptr<RunLog> log_;
  std::optional<Health> health_;
  std::unique_ptr<Pictures> pictures_;
  DumpRequest dump_;
  std::string initial_weights_;  // digest, see CheckpointHeader
  std::optional<std::chrono::seconds> max_time_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::int64_t step_number_ = 0, saved_step_ = -1, sampled_step_ = -1, calibrated_step_ = -1;
  int rollbacks_ = 0;
  std::int64_t returned_to_ = 0;
};

Trainer::Trainer(const TrainRun& run)
    : run_(run), dump_(parse_dump_request(run.train.dump_step)), max_time_(parse_duration(run.train.max_time)) {
  make_game(run.game);  // refuses contradictions before anything is opened
  found_ = continue_from(run.folder, run.settings, run.defaults, run.config_change);
  if (found_) step_number_ = found_->header.step;
  if (finished()) return;
  if (found_ && found_->header.settings == run.settings) {  // others than those that failed begin with their own learning rates
    rollbacks_ = found_->header.rollbacks;
    returned_to_ = found_->header.returned_to;
  }
  device_ = make_device(run.device);
  if (found_) device_->adopt(choices_of(run.folder));
  dataset_ = open_dataset(run.data, static_cast<std::uint64_t>(run.train.seed));
  refuse_augmented_numbers();
  build();
}

// Everything that learns, as found_ has it or as a run begins.
void Trainer::build() {
  pictures_.reset();
  loader_.reset();
  sampling_.reset();
  step_.reset();
  players_.reset();
  players_ = std::make_unique<Players>(*device_, slowed(run_.players, rollbacks_), dataset_->sample_shape(), Players::Use::training);
  const StepOptions options{run_.game, run_.train.batch, static_cast<std::uint64_t>(run_.train.seed), dataset_->dtype(), run_.data.mirror};
  step_ = std::make_unique<GanStep>(*device_, *players_, options);
  sampling_ = std::make_unique<Sampling>(*device_, *players_, options.seed, options.seed);
  if (found_) resume(state(), *found_);
  initial_weights_ = found_ ? found_->header.initial_weights : begin(state());
  saved_step_ = found_ ? step_number_ : -1;
  sampled_step_ = calibrated_step_ = -1;
  if (found_) found_->file = {};
  players_->round_weights(*device_);
  health_.emplace(step_->game());
  loader_ = std::make_unique<Loader>(*dataset_, options.seed, run_.train.batch, step_number_ * step_->batches());
  pictures_ = std::make_unique<Pictures>(*device_, *players_, step_->critic_reference(), *sampling_, *dataset_, run_.log.samples,
                                         math::threshold_v(step_->game()));
}

void Trainer::refuse_augmented_numbers() const {
  if (dataset_->dtype() == DType::u8) return;
  for (const auto& [option, on] : {std::pair("data.mirror", run_.data.mirror), std::pair("data.dequantise", run_.data.dequantise)})
    if (on) fail(Exit::usage, "{} is for images, and the data is a {}", option, dataset_->description());
}

void Trainer::start_folder(RunFolder& folder) {
  std::optional<Picture> reals;  // drawn while a signal may still end the program anywhere: large images take a while to decode
  if (!found_) reals = pictures_->reals();
  note_stop_signals();
  folder.start(run_.config_text, step_number_);
  log::open_file((run_.folder / "log.txt").string());
  keep_choices(run_.folder, device_->choices());
  if (reals) write_png(run_.folder / "reals.png", *reals);
}

void Trainer::describe() const {
  const math::GameSpec& game = step_->game();
  log::info("device: {}", device_->description());
  log::info("data: {}{}{}", dataset_->description(), run_.data.mirror ? "; mirrored evenly at random" : "",
            run_.data.dequantise ? "; with uniform noise of a grey level" : "");
  const ParamStore &generator = players_->generator().params(), &critic = players_->critic().params();
  log::info("generator: {} parameters; critic: {} parameters", generator.count(), critic.count());
  describe_memory(generator.bytes() + critic.bytes());
  describe_work();
  log::info("game: critic measures {}, generator descends {}; {}, {}", math::name_of(game.critic.id), generator_really_descends(game),
            to_string(run_.game.objective), to_string(run_.game.rule));
  if (players_->generator_optimizer().frozen()) log::info("the generator is frozen");
  if (players_->critic_optimizer().frozen()) log::info("the critic is frozen");
  if (rollbacks_ > 0) log::info("learning rates are 2^-{} of those configured: rolled back {} times", rollbacks_, rollbacks_);
  if (step_number_ > 0) log::info("continuing {} at step {} of {}", run_.folder.string(), step_number_, run_.train.steps);
  else
    log::info("training {} for {} steps{}", run_.folder.string(), run_.train.steps,
              initial_weights_.empty() ? "" : format(", beginning with the weights of {}", run_.train.init_from.string()));
}

// Device memory, all of it taken before the first step.
void Trainer::describe_memory(std::size_t weights) const {
  const ArenaPlan& passes = step_->memory_plan();
  const std::size_t examples = step_->staging().bytes() + step_->critic_reference().bytes(), workspace = device_->workspace_bytes();
  const auto mib = [](std::size_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
  log::info(
      "memory: {:.1f} MiB = {:.1f} for the passes of a step of {} + {} images ({:.1f} if nothing were shared) + {:.1f} weights, gradients "
      "and moments + {:.1f} examples + {:.1f} workspace",
      mib(passes.bytes() + weights + examples + workspace), mib(passes.bytes()), run_.train.batch, run_.train.batch,
      mib(passes.unshared_bytes()), mib(weights), mib(examples), mib(workspace));
}

void Trainer::describe_work() const {
  const std::vector<Work> work = step_->work();
  if (work.empty()) return;
  double bytes = 0, flops = 0;
  for (const Work& one : work) {
    bytes += static_cast<double>(one.read + one.written);
    flops += one.flops;
    log::debug("{}: {} bytes read, {} written, {:.4g} GFLOP", one.name, one.read, one.written, 1e-9 * one.flops);
  }
  log::info("a step: {} launches, {:.2f} GB read and written, {:.1f} GFLOP in products", work.size(), 1e-9 * bytes, 1e-9 * flops);
}

void Trainer::feed() {
  const Range range(*device_, "data");
  const std::span<const std::byte> batch = loader_->next();
  device_->upload(step_->staging().data, batch.data(), batch.size());
}

void Trainer::one_step() {
  const Range range(*device_, "step");
  ++step_number_;
  const auto next_batch = [this] { feed(); };
  if (step_number_ == dump_.step) run_and_dump(*device_, *players_, *step_, header(), next_batch, dump_.file);
  else step_->run(next_batch);
}

CheckpointHeader Trainer::header() const {
  return {step_number_,  dataset_->sample_shape(), dataset_->dtype(), device_->threads(), device_->isa(),
          run_.settings, dataset_->digest(),       initial_weights_,  rollbacks_,         returned_to_};
}

void Trainer::calibrate() {
  if (calibrated_step_ != step_number_) sampling_->calibrate();
  calibrated_step_ = step_number_;
}

void Trainer::write_checkpoint() {
  const Range range(*device_, "checkpoint");
  calibrate();
  log_->flush();
  fgan::write_checkpoint(state(), *sampling_, header());
  saved_step_ = step_number_;
}

bool Trainer::write_samples() try {
  const Range range(*device_, "samples");
  calibrate();
  write_png(samples_path(), pictures_->samples(step_number_));
  if (const std::optional<double> spread = pictures_->relative_spread()) health_->look_at_samples(*spread, step_number_);
  sampled_step_ = step_number_;
  return true;
} catch (const StopRequested&) {
  return false;
}

// What a run was stopped before: the picture of the step it continues at.
void Trainer::catch_up() {
  if (step_number_ > 0 && samples_due() && !sampled()) write_samples();
}

std::optional<std::string> Trainer::reason_to_stop() const {
  if (const int signal = stop_signal(); signal != 0) return format("signal {}", signal);
  if (max_time_ && std::chrono::steady_clock::now() - started_ >= *max_time_) return format("train.max_time = {}", run_.train.max_time);
  return std::nullopt;
}

void Trainer::say_finished() const {
  if (step_number_ == run_.train.steps) log::info("{} is finished: step {} of {}", run_.folder.string(), step_number_, run_.train.steps);
  else
    log::info("{} has {} steps, more than train.steps = {} asks for: it stays as it is", run_.folder.string(), step_number_,
              run_.train.steps);
}

Exit Trainer::run(RunFolder& folder) {
  if (finished()) {
    say_finished();
    return Exit::done;
  }
  start_folder(folder);
  describe();
  while (true) {
    try {
      return attempt();
    } catch (const Diverged& diverged) {
      if (!roll_back(folder, diverged)) return Exit::diverged;
    }
  }
}

// At steps that do not depend on where a run was interrupted.
void Trainer::look_at_updates() const {
  const auto look = [this](const char* player, const Optimizer& optimizer) {
    const std::int64_t bad = skipped_in_a_row(*device_, optimizer);
    if (bad >= run_.train.bad_updates) throw Diverged{format("the {} left out its last {} updates: gradients not finite", player, bad)};
  };
  look("critic", players_->critic_optimizer());
  look("generator", players_->generator_optimizer());
}

bool Trainer::roll_back(RunFolder& folder, const Diverged& diverged) {
  log_->finish();
  const Observation seen = download_observation(*device_, *step_, *players_);
  Diagnosis diagnosis = diagnose(*device_, *players_, *step_, [this] { feed(); });
  if (rollbacks_ >= run_.train.rollbacks) {
    give_up(diverged, seen, std::move(diagnosis));
    return false;
  }
  log::warn("step {}: {}; in the step after, {}", step_number_, diverged.what, diagnosis.first);
  const bool again = rollbacks_ > 0;
  found_ = point_of_return(run_.folder, run_.train.checkpoint_every, again ? std::optional(returned_to_) : std::nullopt);
  step_number_ = returned_to_ = found_ ? found_->header.step : 0;
  ++rollbacks_;
  log::warn("rolled back to {}, learning rates halved: roll back {} of at most {}", found_ ? found_->path.string() : "the beginning",
            rollbacks_, run_.train.rollbacks);
  log_.reset();
  build();
  remove_checkpoints_after(run_.folder, found_ ? step_number_ : -1);
  folder.start(run_.config_text, step_number_);
  return true;
}

void Trainer::give_up(const Diverged& diverged, const Observation& seen, Diagnosis diagnosis) const {
  const double epoch = static_cast<double>(step_number_ * step_->batches() * run_.train.batch) / static_cast<double>(dataset_->size());
  const std::filesystem::path report =
      write_failure_report(run_.folder, {header(), diverged.what, std::move(diagnosis), metrics_of(seen, step_number_, epoch, 0)});
  log::error("training diverged at step {}: {}; given up after {} roll backs, see {}; the same command fails again unless settings change",
             step_number_, diverged.what, rollbacks_, report.string());
}

Exit Trainer::attempt() {
  log_ = std::make_unique<RunLog>(run_.folder, step_number_, run_.train.steps, run_.train.batch, dataset_->size());
  std::optional<std::string> stop;
  catch_up();
  while (step_number_ < run_.train.steps && !(stop = reason_to_stop())) {
    if (!loader_->ready(kPatience)) continue;
    one_step();
    log_->tick(step_number_);
    const bool last = step_number_ == run_.train.steps;
    if (last || due(kLookEvery) || due(run_.train.checkpoint_every)) look_at_updates();
    if (step_number_ == 1 || last || due(run_.log.every))
      health_->look(log_->observe(*device_, *step_, *players_, step_number_), step_number_);
    const bool asked = take_checkpoint_request();
    // Metrics and samples of a step come before its checkpoint, which says that all of it is done.
    if (last || samples_due()) write_samples();
    if (last || asked || due(run_.train.checkpoint_every)) write_checkpoint();
    if (asked) log::info("checkpoint of step {} written, as signal USR2 asked", step_number_);
  }
  if (!stop && sampled_step_ != step_number_ && !write_samples()) stop = reason_to_stop();
  if (saved_step_ != step_number_) write_checkpoint();
  log_->finish();
  if (stop) {
    log::info("stopped by {} after step {} of {}: the same command continues", *stop, step_number_, run_.train.steps);
    return Exit::stopped;
  }
  log::info("done: {} steps in {:.1f} s, waited {:.2f} s for data; {}", step_number_, log_->seconds(), loader_->waited(),
            samples_path().string());
  return Exit::done;
}

}  // namespace

Exit train(const TrainRun& run) {
  leave_unbegun_at_stop_signals();
  RunFolder folder(run.folder);
  return Trainer(run).run(folder);
}

Exit check(const TrainRun& run) {
  leave_unbegun_at_stop_signals();
  const Trainer trainer(run);
  if (trainer.finished()) trainer.say_finished();
  else trainer.describe();
  return Exit::done;
}

}  // namespace fgan
