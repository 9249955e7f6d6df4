#include "train/trainer.h"

#include <memory>
#include <optional>

#include "base/log.h"
#include "data/loader.h"
#include "game/game.h"
#include "image/png.h"
#include "train/dump.h"
#include "train/initial_weights.h"
#include "train/keep.h"
#include "train/pictures.h"
#include "train/run_log.h"
#include "train/sampling.h"
#include "train/state.h"
#include "train/stop.h"

namespace fgan {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // before signals and the clock are looked at again

class Trainer {
 public:
  explicit Trainer(const TrainRun& run);
  Exit run(RunFolder& folder);
  // A finished run is not even loaded.  One stopped while it drew its last picture is not finished.
  bool finished() const {
    const std::int64_t steps = run_.train.steps;
    return found_ && (step_number_ > steps || (step_number_ == steps && std::filesystem::exists(samples_path())));
  }
  void describe() const;
  void describe_memory(std::size_t weights) const;
  void say_finished() const;

 private:
  void refuse_augmented_numbers() const;
  void begin();
  void resume();
  void warn_of_other_weights() const;
  void start_folder(RunFolder& folder);
  void warn_of_rounding() const;
  void feed();
  void one_step();
  void calibrate();
  void write_checkpoint();
  bool write_samples();  // false when it was left because of a signal
  void catch_up();
  std::optional<std::string> reason_to_stop() const;
  CheckpointHeader header() const;
  bool due(std::int64_t every) const { return every > 0 && step_number_ % every == 0; }
  bool samples_due() const { return due(run_.log.sample_every > 0 ? run_.log.sample_every : run_.train.checkpoint_every); }
  std::filesystem::path samples_path() const { return run_.folder / "samples" / format("{:08d}.png", step_number_); }

  const TrainRun& run_;
  std::optional<FoundCheckpoint> found_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Dataset> dataset_;
  std::unique_ptr<Players> players_;
  std::unique_ptr<GanStep> step_;
  std::unique_ptr<Sampling> sampling_;
  std::unique_ptr<Loader> loader_;
  std::unique_ptr<RunLog> log_;
  std::unique_ptr<Pictures> pictures_;
  DumpRequest dump_;
  std::string initial_weights_;  // digest, see CheckpointHeader
  std::optional<std::chrono::seconds> max_time_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::int64_t step_number_ = 0, saved_step_ = -1, sampled_step_ = -1, calibrated_step_ = -1;
};

Trainer::Trainer(const TrainRun& run)
    : run_(run), dump_(parse_dump_request(run.train.dump_step)), max_time_(parse_duration(run.train.max_time)) {
  make_game(run.game);  // refuses contradictions before anything is opened
  found_ = continue_from(run.folder, run.settings, run.defaults, run.config_change);
  if (found_) step_number_ = found_->header.step;
  if (finished()) return;
  device_ = make_device(run.device);
  if (found_) device_->adopt(choices_of(run.folder));
  dataset_ = open_dataset(run.data, static_cast<std::uint64_t>(run.train.seed));
  refuse_augmented_numbers();
  const Shape shape = dataset_->sample_shape();
  players_ = std::make_unique<Players>(*device_, run.players, shape, Players::Use::training);
  const StepOptions options{run.game, run.train.batch, static_cast<std::uint64_t>(run.train.seed), dataset_->dtype(), run.data.mirror};
  step_ = std::make_unique<GanStep>(*device_, *players_, options);
  sampling_ = std::make_unique<Sampling>(*device_, *players_, options.seed, options.seed);
  if (found_) resume();
  else begin();
  players_->round_weights(*device_);
  loader_ = std::make_unique<Loader>(*dataset_, options.seed, run.train.batch, step_number_ * step_->batches());
  pictures_ = std::make_unique<Pictures>(*device_, *players_, step_->critic_reference(), *sampling_, *dataset_, run.log.samples,
                                         math::threshold_v(step_->game()));
}

void Trainer::refuse_augmented_numbers() const {
  if (dataset_->dtype() == DType::u8) return;
  for (const auto& [option, on] : {std::pair("data.mirror", run_.data.mirror), std::pair("data.dequantise", run_.data.dequantise)})
    if (on) fail(Exit::usage, "{} is for images, and the data is a {}", option, dataset_->description());
}

void Trainer::resume() {
  const CheckpointHeader& before = found_->header;
  if (before.data_shape != dataset_->sample_shape() || before.data_type != dataset_->dtype())
    fail(Exit::usage, "{} was trained on {}, the data now has {}; --out names another folder for another run", run_.folder.string(),
         to_string(before.data_shape), to_string(dataset_->sample_shape()));
  if (!before.data.empty() && before.data != dataset_->digest())
    fail(Exit::usage, "{} was trained on other data than {}; --out names another folder for another run", run_.folder.string(),
         dataset_->description());
  try {
    restore(*device_, training_state(*players_, *step_), found_->file);
  } catch (const Error& error) {
    const bool changed = found_->header.settings != run_.settings;  // as was allowed: then it is no fault of the checkpoint
    fail(changed ? Exit::usage : error.exit(), "{} cannot be continued: {}", found_->path.string(), error.what());
  }
  warn_of_rounding();
  initial_weights_ = before.initial_weights;
  saved_step_ = step_number_;
  found_->file = {};
  warn_of_other_weights();
}

void Trainer::warn_of_rounding() const {
  const CheckpointHeader& before = found_->header;
  const auto warn = [&](std::string now, std::string then) {
    if (now != then)
      log::warn("{} now, {} until step {}: results may differ in rounding from an uninterrupted run", now, then, step_number_);
  };
  warn(format("{} threads", device_->threads()), format("{} threads", before.threads));
  warn(device_->isa(), before.device);
}

void Trainer::begin() {
  const auto seed = static_cast<std::uint64_t>(run_.train.seed);
  players_->initialize(*device_, seed);
  if (const Tensor reference = step_->critic_reference()) {
    const std::vector<std::byte> batch = reference_batch(*dataset_, seed, reference.shape.n);
    device_->upload(reference.data, batch.data(), batch.size());
  }
  if (run_.train.init_from.empty()) return;
  const InitialWeights initial = read_initial_weights(run_.train.init_from, *players_);
  restore(*device_, network_state(*players_), initial.tensors);
  initial_weights_ = initial.digest;
}

// A run that continues has its own weights.  train.init_from need not exist any more, but what it asks for may not be what was done.
void Trainer::warn_of_other_weights() const {
  if (run_.train.init_from.empty()) return;
  try {
    if (read_initial_weights(run_.train.init_from, *players_).digest == initial_weights_) return;
  } catch (const Error&) {
    return;
  }
  log::warn("train.init_from = {} is ignored: {} began with other weights and continues from its own checkpoint",
            run_.train.init_from.string(), run_.folder.string());
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
  log::info("game: critic measures {}, generator descends {}; {}, {}", math::name_of(game.critic.id), generator_really_descends(game),
            to_string(run_.game.objective), to_string(run_.game.rule));
  if (players_->generator_optimizer().frozen()) log::info("the generator is frozen");
  if (players_->critic_optimizer().frozen()) log::info("the critic is frozen");
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
          run_.settings, dataset_->digest(),       initial_weights_};
}

void Trainer::calibrate() {
  if (calibrated_step_ != step_number_) sampling_->calibrate();
  calibrated_step_ = step_number_;
}

void Trainer::write_checkpoint() {
  const Range range(*device_, "checkpoint");
  calibrate();
  SafeTensors file{to_metadata(header()), store(*device_, training_state(*players_, *step_))};
  for (StoredTensor& moments : sampling_->moments()) file.tensors.push_back(std::move(moments));
  log_->flush();
  write_safetensors(checkpoint_path(run_.folder, step_number_), file);
  prune_checkpoints(run_.folder, step_number_, run_.train);
  saved_step_ = step_number_;
}

bool Trainer::write_samples() try {
  const Range range(*device_, "samples");
  calibrate();
  write_png(samples_path(), pictures_->samples(step_number_));
  sampled_step_ = step_number_;
  return true;
} catch (const StopRequested&) {
  return false;
}

// What a run was stopped before: the picture of the step it continues at.
void Trainer::catch_up() {
  if (step_number_ > 0 && samples_due() && !std::filesystem::exists(samples_path())) write_samples();
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
  log_ = std::make_unique<RunLog>(run_.folder, step_number_, run_.train.steps, run_.train.batch, dataset_->size());
  std::optional<std::string> stop;
  catch_up();
  while (step_number_ < run_.train.steps && !(stop = reason_to_stop())) {
    if (!loader_->ready(kPatience)) continue;
    one_step();
    log_->tick(step_number_);
    const bool last = step_number_ == run_.train.steps;
    if (step_number_ == 1 || last || due(run_.log.every)) log_->observe(*device_, *step_, *players_, step_number_);
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
