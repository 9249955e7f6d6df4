// Options of an optimiser: [optimizer] for both players, [generator] and [critic] for one.
#pragma once

#include <array>
#include <cstdint>

#include "base/option.h"
#include "math/optimizer.h"

namespace fgan {

template <>
struct EnumNames<math::OptimizerKind> {
  static constexpr std::array<std::string_view, 3> names{"adam", "sgd", "rmsprop"};
};

template <>
struct EnumNames<math::ScheduleKind> {
  static constexpr std::array<std::string_view, 3> names{"constant", "linear", "cosine"};
};

struct OptimizerOptions {
  math::OptimizerKind optimizer = math::OptimizerKind::adam;
  double learning_rate = 2e-4;
  double beta1 = 0.5, beta2 = 0.999;
  double rms_decay = 0.99;
  double epsilon = 1e-8;
  double momentum = 0;
  double clip = 100;
  math::ScheduleKind schedule = math::ScheduleKind::constant;
  std::int64_t warmup = 0;
  std::int64_t horizon = 0;
  double final_fraction = 0;
  bool frozen = false;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "optimizer", .help = "Adam, RMSProp, or stochastic gradient descent with momentum"}, optimizer);
    v(Option{.key = "learning_rate", .help = "step size", .min = 0, .max = 1000}, learning_rate);
    v(Option{.key = "beta1", .help = "adam: decay of the first moment", .min = 0, .max = 0.999999}, beta1);
    v(Option{.key = "beta2", .help = "adam: decay of the second moment", .min = 0, .max = 0.9999999}, beta2);
    v(Option{.key = "rms_decay", .help = "rmsprop: decay of the mean square", .min = 0, .max = 0.9999999}, rms_decay);
    v(Option{.key = "epsilon", .help = "adam, rmsprop: added to the root of the second moment", .min = 1e-30, .max = 1}, epsilon);
    v(Option{.key = "momentum", .help = "sgd, rmsprop: decay of the velocity", .min = 0, .max = 0.999999}, momentum);
    v(Option{.key = "clip", .help = "gradients of larger norm are scaled down to it; 0: none", .min = 0, .max = 1e30}, clip);
    v(Option{.key = "schedule", .help = "learning rate after the warm-up"}, schedule);
    v(Option{.key = "warmup", .help = "the rate rises linearly over this many", .unit = "updates", .min = 0, .max = 1e12}, warmup);
    v(Option{.key = "horizon",
             .help = "linear, cosine: where the rate reaches its end; 0: train.steps",
             .unit = "updates",
             .min = 0,
             .max = 1e12},
      horizon);
    v(Option{.key = "final_fraction", .help = "linear, cosine: rate at the end over learning_rate", .min = 0, .max = 1}, final_fraction);
    v(Option{.key = "frozen", .help = "for one player: its weights stay as they begin, see train.init_from"}, frozen);
  }
};

}  // namespace fgan
