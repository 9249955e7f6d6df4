// The game over one batch: gradients by v for both players, and what is reported about it.  Formulas: math/game.h.
#include <cmath>
#include <vector>

#include "device/naive/ops.h"

namespace fgan {
namespace {

struct Sample {
  std::vector<double> values;

  double count() const { return static_cast<double>(values.size()); }
  double mean() const {
    double sum = 0;
    for (double x : values) sum += x;
    return values.empty() ? 0 : sum / count();
  }
  double squares() const {  // about the mean
    const double m = mean();
    double sum = 0;
    for (double x : values) sum += (x - m) * (x - m);
    return sum;
  }
  double deviation() const { return values.empty() ? 0 : std::sqrt(squares() / count()); }
  // of the mean, from the sample variance
  double squared_error() const { return values.size() < 2 ? 0 : squares() / (count() - 1) / count(); }
  // share above the level; those exactly on it count half
  double share_above(double level) const {
    double sum = 0;
    for (double x : values) sum += x > level ? 1 : x == level ? 0.5 : 0;
    return values.empty() ? 0 : sum / count();
  }
};

std::int64_t rows_of(Groups groups, Role role) {
  std::int64_t rows = 0;
  for (const RowGroup& g : groups) rows += g.role == role ? g.count : 0;
  return rows;
}

}  // namespace

void NaiveOps::game(Queue&, const math::GameSpec& spec, Groups groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) {
  const auto real_rows = static_cast<double>(rows_of(groups, Role::real)), fake_rows = static_cast<double>(rows_of(groups, Role::fake));
  const double a = spec.smoothing;
  Sample real_v, fake_v, real_t, real_f, fake_f, descended;
  std::int64_t capped_rows = 0;
  for (const RowGroup& group : groups)
    for (std::int64_t row = group.first; row < group.first + group.count; ++row) {
      const double x = floats(v)[row];
      double critic_slope = 0, generator_slope = 0;
      bool is_capped = false;
      if (group.role == Role::real) {
        const auto t = math::critic_real(spec, x), f = math::critic_fake(spec, x);
        real_v.values.push_back(x);
        real_t.values.push_back(t.value);
        real_f.values.push_back(f.value);
        critic_slope = ((1 - a) * t.slope - (a > 0 ? a * f.slope : 0)) / real_rows;
        is_capped = t.capped;
      } else if (group.role == Role::fake) {
        const auto f = math::critic_fake(spec, x), g = math::generator_fake(spec, x);
        fake_v.values.push_back(x);
        fake_f.values.push_back(f.value);
        descended.values.push_back(g.value);
        critic_slope = -f.slope / fake_rows;
        generator_slope = g.slope / fake_rows;
        is_capped = f.capped || g.capped;
      }
      capped_rows += is_capped;
      if (dcritic) floats(dcritic)[row] = static_cast<float>(critic_slope);
      if (dgenerator) floats(dgenerator)[row] = static_cast<float>(generator_slope);
    }
  const double level = math::threshold_v(spec);
  const auto put = [&](GameStat stat, double value) { floats(statistics)[static_cast<int>(stat)] = static_cast<float>(value); };
  const bool both = real_rows > 0 && fake_rows > 0;
  put(GameStat::bound, both ? real_t.mean() - fake_f.mean() : 0);
  put(GameStat::bound_se, both ? std::sqrt(real_t.squared_error() + fake_f.squared_error()) : 0);
  put(GameStat::true_positive, real_v.share_above(level));
  put(GameStat::true_negative, fake_rows > 0 ? 1 - fake_v.share_above(level) : 0);
  put(GameStat::critic_mean_real, real_v.mean());
  put(GameStat::critic_sd_real, real_v.deviation());
  put(GameStat::critic_mean_fake, fake_v.mean());
  put(GameStat::critic_sd_fake, fake_v.deviation());
  put(GameStat::objective, both ? (1 - a) * real_t.mean() - (a > 0 ? a * real_f.mean() : 0) - fake_f.mean() : 0);
  put(GameStat::generator_objective, descended.mean());
  *static_cast<std::int64_t*>(capped.data) += capped_rows;
}

}  // namespace fgan
