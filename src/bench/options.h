// Options of `fgan bench`: what is measured, and how often.  A training run (bench train) has those of fgan train.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/option.h"
#include "game/options.h"
#include "nn/options.h"

namespace fgan {

enum class BenchSubject : int { ops, step, loader, train };
template <>
struct EnumNames<BenchSubject> {
  static constexpr std::array<std::string_view, 4> names{"ops", "step", "loader", "train"};
};

struct RepeatOptions {
  std::int64_t batch = 64;
  int steps = 10, repeats = 3;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "batch", .help = "real examples a step, and as many generated ones", .unit = "images", .min = 1, .max = 1 << 20},
      batch);
    v(Option{.key = "steps", .help = "length of a repeat", .unit = "steps", .min = 1, .max = 1e6}, steps);
    v(Option{.key = "repeats", .help = "measured after one for warming up", .min = 1, .max = 1e6}, repeats);
  }
};

// Of bench step and bench ops.
struct StepBenchOptions {
  Architecture model = Architecture::dcgan;
  int size = 0, channels = 0, width = 0;
  Rule rule = Rule::alternating;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "model", .help = "architecture of both players"}, model);
    v(Option{.key = "size", .help = "height and width of an image; 0: dcgan 64, mlp 28", .unit = "pixels", .min = 0, .max = 4096}, size);
    v(Option{.key = "channels", .help = "of an image; 0: dcgan 3, mlp 1", .min = 0, .max = 4}, channels);
    v(Option{.key = "width", .help = "of the networks; 0: that of the presets", .min = 0, .max = 65536}, width);
    v(Option{.key = "rule", .help = "of the updates"}, rule);
  }
};

// The pictures bench loader makes where no data is named.
struct MadePictures {
  int images = 512, size = 64, channels = 3;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "images", .help = "PNG files to make and read where no data is named", .unit = "images", .min = 1, .max = 1e6}, images);
    v(Option{.key = "size", .help = "their height and width", .unit = "pixels", .min = 1, .max = 4096}, size);
    v(Option{.key = "channels", .help = "1: grey, 3: colour", .min = 1, .max = 4}, channels);
  }
};

}  // namespace fgan
