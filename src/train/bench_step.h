// The speed of a training step: the trainer's own recording, replayed on random pixels.
#pragma once

#include <string>

#include "device/device.h"
#include "game/options.h"
#include "train/options.h"

namespace fgan {

struct BenchStep {
  Architecture model = Architecture::dcgan;
  int size = 0;      // pixels a side; 0: dcgan 64, mlp 28
  int channels = 0;  // 0: dcgan 3, mlp 1
  int width = 0;
  std::int64_t batch = 64;
  Rule rule = Rule::alternating;
  int steps = 2, repeats = 7;  // of a repeat; repeats that count, after one that does not
  DeviceOptions device;
};

struct BenchResult {
  double images_per_s = 0;  // batch / step_s_median
  double step_s_median = 0, step_s_min = 0, step_s_max = 0;
  double conv_gflop_per_image = 0;  // of all linear maps of a step, counted as direct convolutions, per real image
  double peak_rss_mib = 0;          // of this process
  double planned_mib = 0;           // activations and gradients of a step
  int threads = 0;
  std::string isa, device;
};

BenchResult bench_step(const BenchStep& bench);
std::string to_json(const BenchStep& bench, const BenchResult& result);  // one line

}  // namespace fgan
