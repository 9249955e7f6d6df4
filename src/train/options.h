// Options of a training run: [train] and [log]; and what the players are made of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/option.h"
#include "nn/options.h"
#include "optim/options.h"

namespace fgan {

struct TrainOptions {
  std::int64_t steps = 1000;
  std::int64_t batch = 64;
  std::int64_t seed = 1;
  std::int64_t checkpoint_every = 500;
  int keep = 3;
  std::int64_t keep_every = 0;
  bool keep_best = false;
  double average = 0;
  std::string preset;
  std::filesystem::path out;
  std::filesystem::path init_from;
  std::int64_t bad_updates = 10;
  int rollbacks = 3;
  std::string max_time;
  std::string dump_step;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "steps",
             .help = "length of the training",
             .unit = "steps",
             .min = 0,
             .max = 1e12,
             .short_name = "steps",
             .affects_result = false},
      steps);
    v(Option{.key = "batch",
             .help = "real examples a step, and as many generated ones",
             .unit = "images",
             .min = 1,
             .max = 1 << 20,
             .short_name = "batch"},
      batch);
    v(Option{.key = "seed", .help = "of initial weights, noise and order", .min = 0, .max = 9e15, .short_name = "seed"}, seed);
    v(Option{.key = "checkpoint_every",
             .help = "a checkpoint is written every",
             .unit = "steps",
             .min = 1,
             .max = 1e12,
             .affects_result = false},
      checkpoint_every);
    v(Option{.key = "keep", .help = "newest checkpoints kept", .unit = "files", .min = 1, .max = 1e6, .affects_result = false}, keep);
    v(Option{.key = "keep_every",
             .help = "checkpoints at multiples of this stay for good; 0: none does",
             .unit = "steps",
             .min = 0,
             .max = 1e12,
             .affects_result = false},
      keep_every);
    v(Option{.key = "keep_best", .help = "the checkpoint with the lowest mean bound stays", .affects_result = false}, keep_best);
    v(Option{.key = "average",
             .help = "decay of the running average of the generator's weights that samples are drawn with; 0: none",
             .min = 0,
             .max = 0.9999999},
      average);
    v(Option{.key = "preset",
             .help = "settings that work, below all others; fgan list presets names them",
             .short_name = "preset",
             .affects_result = false},
      preset);
    v(Option{.key = "out", .help = "run folder; empty: runs/NAME-DIVERGENCE", .short_name = "out", .affects_result = false}, out);
    v(Option{.key = "init_from",
             .help = "run folder or checkpoint whose weights a new run begins with; continuing ignores it",
             .short_name = "init-from",
             .affects_result = false},
      init_from);
    v(Option{.key = "bad_updates",
             .help = "updates of a player left out in a row, because its gradient was not finite, before the run is rolled back",
             .min = 1,
             .max = 1e12,
             .affects_result = false},
      bad_updates);
    v(Option{.key = "rollbacks",
             .help = "times that a run goes back to a checkpoint, with half the learning rates, before it ends with exit code 5",
             .min = 0,
             .max = 1000,
             .affects_result = false},
      rollbacks);
    v(Option{.key = "max_time",
             .help = "stop with a checkpoint after this time, as 90s, 15m, 2h, 1h30m; empty: never",
             .short_name = "max-time",
             .affects_result = false},
      max_time);
    v(Option{.key = "dump_step",
             .help = "N:FILE writes everything step N computes as safetensors",
             .short_name = "dump-step",
             .affects_result = false},
      dump_step);
  }
};

struct LogOptions {
  std::int64_t every = 50;
  std::int64_t sample_every = 0;
  int samples = 64;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "every", .help = "metrics are written every", .unit = "steps", .min = 1, .max = 1e12, .affects_result = false}, every);
    v(Option{.key = "sample_every",
             .help = "a sample grid is written every; 0: with each checkpoint",
             .unit = "steps",
             .min = 0,
             .max = 1e12,
             .affects_result = false},
      sample_every);
    v(Option{.key = "samples",
             .help = "images in a grid, at latents that stay the same",
             .unit = "images",
             .min = 1,
             .max = 4096,
             .affects_result = false},
      samples);
  }
};

// What one player is made of: [model] and [optimizer] with what [generator] or [critic] say differently.
struct PlayerOptions {
  ModelOptions model;
  OptimizerOptions optimizer;
};

struct PlayersOptions {
  PlayerOptions generator, critic;
  LatentOptions latent;
  double average = 0;        // decay of the generator's weight average; 0: none
  std::int64_t batch = 64;   // what reference_rows = 0 stands for
  bool dequantised = false;  // data.dequantise: a byte stands for a cell of numbers, math/pixels.h
};

}  // namespace fgan
