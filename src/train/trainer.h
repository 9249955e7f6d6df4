// A training run: from the options of all modules to a folder of checkpoints, metrics and pictures.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "data/dataset.h"
#include "device/device.h"
#include "game/options.h"
#include "train/options.h"
#include "train/run_folder.h"

namespace fgan {

struct TrainRun {
  DataOptions data;
  PlayersOptions players;
  GameOptions game;
  TrainOptions train;
  LogOptions log;
  DeviceOptions device;
  std::filesystem::path folder;
  std::string config_text;  // resolved, for config.ini of the run folder
  Settings settings;        // those that affect the result, for the checkpoint
  Settings defaults;        // all of these as they are when nobody sets them
  ConfigChange config_change = ConfigChange::refused;
};

// Starts the run, or continues it from its newest checkpoint; a finished run is left as it is.  One process at a time.  Returns Exit::done,
// Exit::stopped after a signal or when the time is up, or Exit::diverged where rolling back (train/rollback.h) did not help.
Exit train(const TrainRun& run);

// Everything up to the first step, and nothing written: opens the data, builds the networks, says what would be done.
Exit check(const TrainRun& run);

}  // namespace fgan
