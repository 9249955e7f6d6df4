#include "app/verbs.h"
#include "base/log.h"
#include "train/checkpoint.h"
#include "train/sample_files.h"
#include "train/state.h"
#include "train/stop.h"

namespace fgan {
namespace {

void write_samples(const SampleCommand& command, const FoundCheckpoint& found) {
  const Config config = config_from_settings(found.header.settings);
  const std::unique_ptr<Device> device = make_device(command.device);
  Players players(*device, config.players, found.header.data_shape, Players::Use::sampling);
  restore(*device, sampling_state(players), found.file);
  const SampleOptions& options = command.options;
  const std::int64_t seed = options.seed >= 0 ? options.seed : config.train.seed;
  Sampling sampling(*device, players, static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(config.train.seed));
  sampling.set_moments(found.file);
  write_sample_files(sampling, found.header.data_shape, found.header.data_type, options.output, options.first, options.count);
  if (sampling.not_finite() > 0)
    log::warn("{} of the numbers drawn are not finite: the generator of {} overflows", sampling.not_finite(), found.path.string());
}

}  // namespace

Exit run_sample(const SampleCommand& command) {
  const FoundCheckpoint found = checkpoint_at(command.source);
  try {
    write_samples(command, found);
  } catch (const StopRequested&) {  // by now nothing half written is left behind
    leave_at_stop_signals();
    return Exit::stopped;  // by a signal that the program was started with ignored
  } catch (const Error& error) {
    if (error.exit() != Exit::data) throw;
    throw Error(Exit::data, format("{} cannot be used: {}", found.path.string(), error.what()));
  }
  log::info("{} samples of step {} in {}", command.options.count, found.header.step, command.options.output.string());
  return Exit::done;
}

}  // namespace fgan
