// The speed of a training step: the trainer's own recording, replayed on random examples.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/report.h"
#include "train/step.h"
#include "train/stop.h"

namespace fgan {

// The players and the game whose step is measured.
struct StepSetting {
  PlayersOptions players;
  StepOptions step;
  Shape example{};
};
StepSetting setting_of(const StepBenchOptions& options, std::int64_t batch);

class BenchedStep {
 public:
  BenchedStep(Device& device, const StepSetting& setting);

  struct Seconds {
    double wall, cpu;  // cpu: of all threads of this process
  };
  Seconds run(int steps);  // a mean over them; waits for the device.  Throws StopRequested.
  // Of all linear maps of a step, counted as direct convolutions, for one real image.
  double gflop_per_image();
  std::int64_t parameters();   // of both players
  double planned_mib() const;  // activations and gradients of a step

 private:
  Device& device_;
  StepOptions options_;
  Players players_;
  GanStep step_;
  std::vector<std::byte> examples_;
};

struct StepFigures {
  Spread wall, cpu;  // seconds a step
};
StepFigures measure(BenchedStep& step, const RepeatOptions& repeats);

BenchText bench_step(const StepBenchOptions& options, const RepeatOptions& repeats, const DeviceOptions& device);

// What step and ops say of themselves.
void add_setting(JsonObject& json, const StepSetting& setting, const RepeatOptions& repeats, const DeviceOptions& device);

}  // namespace fgan
