// The configuration of a run: the options of all modules, and where each value came from.  Order of sources: defaults < INI file <
// environment (FGAN_SECTION_KEY) < command line.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/options.h"
#include "device/device.h"
#include "game/options.h"
#include "train/options.h"

namespace fgan {

struct Config {
  DataOptions data;
  ModelOptions model;  // [model] and [optimizer]: what [generator] and [critic] leave open; the program uses `players`
  OptimizerOptions optimizer;
  PlayersOptions players;  // complete: also train.average, data.dequantise and the updates the schedules end with
  GameOptions game;
  TrainOptions train;
  LogOptions log;
  DeviceOptions device;
  std::filesystem::path file;  // the INI file, may be empty
};

// One resolved value, in the order of the sections.  Paths are absolute here, so that the text means the same wherever it is kept.
struct ResolvedValue {
  std::string section, key, value;
  std::string origin;          // "default", "config.ini:12", "environment FGAN_TRAIN_STEPS", "command line", "[model] width"
  bool in_checkpoint = false;  // the result depends on it: equal checkpoints need equal values
};

struct ResolvedConfig {
  Config config;
  std::vector<ResolvedValue> values;
};

// The INI file that reads back as this configuration, each value with its origin as a comment.
std::string to_ini(const ResolvedConfig& resolved);

// "section.key" -> value of what the result depends on, without paths and origins.  [model] and [optimizer] are in it as the players'
// own values: the same networks have the same settings however they were stated.
std::map<std::string, std::string> result_settings(const ResolvedConfig& resolved);
std::map<std::string, std::string> default_settings();  // of a configuration in which nobody sets anything

// The configuration that has these settings and defaults elsewhere.  Throws Error(data) for settings this build does not know.
Config config_from_settings(const std::map<std::string, std::string>& settings);

// The message, headed by the "FILE:LINE: " or environment variable of the first "section.key" it names that was set there: for what is
// found wrong only when options meet each other or the data.
std::string located(const std::string& message, const ResolvedConfig& resolved);

}  // namespace fgan
