#include "train/observation.h"

#include <algorithm>

namespace fgan {
namespace {

struct Updates {
  std::int64_t done, skipped, clipped, skipped_in_a_row;
};

Updates download_updates(Device& device, const Optimizer& optimizer) {
  std::array<std::int64_t, static_cast<std::size_t>(OptimizerCounter::count)> counters{};
  device.download(counters.data(), optimizer.counters().data, sizeof counters);
  const auto count = [&](OptimizerCounter which) { return counters[static_cast<std::size_t>(which)]; };
  return {count(OptimizerCounter::updates), count(OptimizerCounter::skipped), count(OptimizerCounter::clipped),
          count(OptimizerCounter::skipped_in_a_row)};
}

double last_rate(const Optimizer& optimizer, std::int64_t updates) {
  if (optimizer.frozen()) return 0;
  return math::rate_at(optimizer.spec().schedule, std::max<std::int64_t>(updates - 1, 0));
}

}  // namespace

std::int64_t skipped_in_a_row(Device& device, const Optimizer& optimizer) { return download_updates(device, optimizer).skipped_in_a_row; }

Observation download_observation(Device& device, const GanStep& step, const Players& players) {
  Observation seen;
  device.download(seen.critic.data(), step.critic_statistics().data, sizeof seen.critic);
  device.download(seen.generator.data(), step.generator_statistics().data, sizeof seen.generator);
  device.download(&seen.capped, step.capped().data, sizeof seen.capped);
  const Updates generator = download_updates(device, players.generator_optimizer()),
                critic = download_updates(device, players.critic_optimizer());
  seen.generator_skipped = generator.skipped;
  seen.critic_skipped = critic.skipped;
  seen.generator_clipped = generator.clipped;
  seen.critic_clipped = critic.clipped;
  seen.generator_rate = last_rate(players.generator_optimizer(), generator.done);
  seen.critic_rate = last_rate(players.critic_optimizer(), critic.done);
  return seen;
}

Metrics metrics_of(const Observation& seen, std::int64_t step, double epoch, double images_per_s) {
  const auto critic = [&](GameStat stat) { return static_cast<double>(seen.critic[static_cast<std::size_t>(stat)]); };
  return {
      {"step", static_cast<double>(step)},
      {"epoch", epoch},
      {"bound", critic(GameStat::bound)},
      {"bound_se", critic(GameStat::bound_se)},
      {"objective", critic(GameStat::objective)},
      {"generator_objective", seen.generator[static_cast<std::size_t>(GameStat::generator_objective)]},
      {"true_positive", critic(GameStat::true_positive)},
      {"true_negative", critic(GameStat::true_negative)},
      {"critic_mean_real", critic(GameStat::critic_mean_real)},
      {"critic_sd_real", critic(GameStat::critic_sd_real)},
      {"critic_mean_fake", critic(GameStat::critic_mean_fake)},
      {"critic_sd_fake", critic(GameStat::critic_sd_fake)},
      {"capped", static_cast<double>(seen.capped)},
      {"generator_skipped", static_cast<double>(seen.generator_skipped)},
      {"critic_skipped", static_cast<double>(seen.critic_skipped)},
      {"generator_clipped", static_cast<double>(seen.generator_clipped)},
      {"critic_clipped", static_cast<double>(seen.critic_clipped)},
      {"generator_rate", seen.generator_rate},
      {"critic_rate", seen.critic_rate},
      {"images_per_s", images_per_s},
  };
}

}  // namespace fgan
