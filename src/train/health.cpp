#include "train/health.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/log.h"
#include "math/game_statistics.h"

namespace fgan {
namespace {

constexpr std::size_t kFewestRows = 8;

template <class T>
std::optional<double> mean_deviation(std::span<const T> rows, std::int64_t example) {
  const auto width = static_cast<std::size_t>(example);
  if (rows.size() / width < kFewestRows) return std::nullopt;
  std::vector<math::Spread> numbers(width);
  for (std::size_t i = 0; i < rows.size(); ++i) numbers[i % width].add(static_cast<double>(rows[i]));
  double sum = 0;
  for (const math::Spread& number : numbers) sum += number.deviation();
  return sum / static_cast<double>(width);
}

}  // namespace

Episode::Turn Episode::look(bool seen) {
  against_ = seen == lasts_ ? 0 : against_ + 1;
  if (against_ < patience_) return Turn::none;
  against_ = 0;
  lasts_ = seen;
  return seen ? Turn::begins : Turn::ends;
}

double slope_left(const math::GameSpec& game, const Observation& seen) {
  const double mean = static_cast<double>(seen.critic[static_cast<std::size_t>(GameStat::critic_mean_fake)]),
               deviation = static_cast<double>(seen.critic[static_cast<std::size_t>(GameStat::critic_sd_fake)]);
  const auto slope = [&](double v) { return std::abs(math::generator_fake(game, v).slope); };
  const double left = std::max({slope(mean), slope(mean - deviation), slope(mean + deviation)}), whole = slope(game.centre);
  return std::isfinite(mean) && std::isfinite(deviation) && whole > 0 ? left / whole : 1;
}

std::optional<double> spread(std::span<const std::uint8_t> rows, std::int64_t example) { return mean_deviation(rows, example); }
std::optional<double> spread(std::span<const float> rows, std::int64_t example) { return mean_deviation(rows, example); }

void Health::look(const Observation& seen, std::int64_t step) {
  const double left = slope_left(game_, seen);
  const auto stat = [&](GameStat which) { return static_cast<double>(seen.critic[static_cast<std::size_t>(which)]); };
  switch (saturation_.look(left < kSlopeLeft)) {
    case Episode::Turn::begins:
      log::warn(
          "step {}: the critic tells the generator nothing: at its mean output on fakes, v = {:.3g}, the generator's loss has {:.1g} of "
          "its slope; true positives {:.2f}, true negatives {:.2f}",
          step, stat(GameStat::critic_mean_fake), left, stat(GameStat::true_positive), stat(GameStat::true_negative));
      break;
    case Episode::Turn::ends: log::info("step {}: the critic tells the generator something again", step); break;
    case Episode::Turn::none: break;
  }
}

void Health::look_at_samples(double spread, std::int64_t step) {
  switch (collapse_.look(spread < kSpreadLeft)) {
    case Episode::Turn::begins:
      log::warn("step {}: the samples have collapsed: they differ from one another by {:.1f} % of what real examples do", step,
                100 * spread);
      break;
    case Episode::Turn::ends: log::info("step {}: the samples differ from one another again", step); break;
    case Episode::Turn::none: break;
  }
}

}  // namespace fgan
