#include "app/verbs.h"
#include "game/game.h"

namespace fgan {
namespace {

// runs/<name of the INI or preset>-<divergence>, beside whatever the working folder is.
std::filesystem::path folder_of(const Config& config) {
  if (!config.train.out.empty()) return config.train.out;
  const std::string name = !config.file.empty() ? config.file.stem().string() : !config.train.preset.empty() ? config.train.preset : "fgan";
  return std::filesystem::path("runs") / format("{}-{}", name, to_string(config.game.divergence));
}

}  // namespace

TrainRun run_of(const ResolvedConfig& resolved) {
  const Config& config = resolved.config;
  TrainRun run;
  run.data = config.data;
  run.players = config.players;
  run.game = config.game;
  run.train = config.train;
  run.log = config.log;
  run.device = config.device;
  run.folder = folder_of(config);
  run.config_text = to_ini(resolved);
  run.settings = result_settings(resolved);
  run.defaults = default_settings();
  return run;
}

Exit run_train(const TrainCommand& command) {
  try {
    TrainRun run = run_of(command.config);
    if (command.allow_config_change) run.config_change = ConfigChange::allowed;
    return command.dry_run ? check(run) : train(run);
  } catch (const Error& error) {
    if (error.exit() != Exit::usage) throw;
    throw Error(Exit::usage, located(error.what(), command.config));
  }
}

}  // namespace fgan
