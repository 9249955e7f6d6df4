// What a step left behind, on the host, and the metrics made of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "train/step.h"

namespace fgan {

struct Observation {
  std::array<float, static_cast<std::size_t>(GameStat::count)> critic{}, generator{};
  std::int64_t capped = 0;                                 // rows since the beginning
  std::int64_t generator_skipped = 0, critic_skipped = 0;  // because the gradient was not finite
  std::int64_t generator_clipped = 0, critic_clipped = 0;
  double generator_rate = 0, critic_rate = 0;  // learning rates of the last update
};

// Updates of this player left out since the last one that was done; waits for the device.
std::int64_t skipped_in_a_row(Device& device, const Optimizer& optimizer);

Observation download_observation(Device& device, const GanStep& step, const Players& players);  // waits for the device

using Metrics = std::vector<std::pair<std::string, double>>;
Metrics metrics_of(const Observation& seen, std::int64_t step, double epoch, double images_per_s);

}  // namespace fgan
