#include <cmath>
#include <vector>

#include "device/naive/naive.h"

namespace fgan::naive {
namespace {

struct Summary {
  double mean = 0, square_deviations = 0;   // sum of (x - mean)^2
  double n = 0;
  double standard_deviation() const { return n > 0 ? std::sqrt(square_deviations / n) : 0; }
  double squared_error() const { return n > 1 ? square_deviations / (n - 1) / n : 0; }
};

Summary summarise(const std::vector<double>& values) {
  Summary s;
  s.n = static_cast<double>(values.size());
  if (values.empty()) return s;
  for (const double x : values) s.mean += x;
  s.mean /= s.n;
  for (const double x : values) s.square_deviations += (x - s.mean) * (x - s.mean);
  return s;
}

double share_above(const std::vector<double>& v, double level) {
  double count = 0;
  for (const double x : v) count += x > level ? 1 : x == level ? 0.5 : 0;
  return v.empty() ? 0 : count / static_cast<double>(v.size());
}

std::vector<double> rows_of(Groups groups, Role role, In v) {
  std::vector<double> rows;
  for (const RowGroup& group : groups)
    if (group.role == role)
      for (std::int64_t i = 0; i < group.count; ++i) rows.push_back(floats(v)[group.first + i]);
  return rows;
}

}  // namespace

void NaiveOps::game(Queue&, const math::GameSpec& game, Groups groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) {
  const std::vector<double> real = rows_of(groups, Role::real, v), fake = rows_of(groups, Role::fake, v);
  std::vector<double> t_real, f_real, f_fake, of_generator;
  const double a = game.smoothing, n = static_cast<double>(real.size()), m = static_cast<double>(fake.size());
  for (const RowGroup& group : groups)
    for (std::int64_t i = group.first; i < group.first + group.count; ++i) {
      const double value = floats(v)[i];
      double critic_slope = 0, generator_slope = 0;
      bool was_capped = false;
      if (group.role == Role::real) {
        const auto t = math::critic_real(game, value), f = math::critic_fake(game, value);
        t_real.push_back(t.value);
        f_real.push_back(f.value);
        critic_slope = (a > 0 ? (1 - a) * t.slope - a * f.slope : t.slope) / n;
        was_capped = t.capped;
      } else if (group.role == Role::fake) {
        const auto f = math::critic_fake(game, value), g = math::generator_fake(game, value);
        f_fake.push_back(f.value);
        of_generator.push_back(g.value);
        critic_slope = -f.slope / m;
        generator_slope = g.slope / m;
        was_capped = f.capped || g.capped;
      }
      if (dcritic) writable(dcritic)[i] = static_cast<float>(critic_slope);
      if (dgenerator) writable(dgenerator)[i] = static_cast<float>(generator_slope);
      if (was_capped) ++*static_cast<std::int64_t*>(capped.data);
    }
  const Summary t = summarise(t_real), f = summarise(f_fake), v_real = summarise(real), v_fake = summarise(fake);
  const bool both = n > 0 && m > 0;
  const auto put = [&](GameStat stat, double value) { writable(statistics)[static_cast<int>(stat)] = static_cast<float>(value); };
  put(GameStat::bound, both ? t.mean - f.mean : 0);
  put(GameStat::bound_se, both ? std::sqrt(t.squared_error() + f.squared_error()) : 0);
  put(GameStat::true_positive, share_above(real, math::threshold_v(game)));
  put(GameStat::true_negative, m > 0 ? 1 - share_above(fake, math::threshold_v(game)) : 0);
  put(GameStat::critic_mean_real, v_real.mean);
  put(GameStat::critic_sd_real, v_real.standard_deviation());
  put(GameStat::critic_mean_fake, v_fake.mean);
  put(GameStat::critic_sd_fake, v_fake.standard_deviation());
  put(GameStat::objective, both ? (1 - a) * t.mean - a * summarise(f_real).mean - f.mean : 0);
  put(GameStat::generator_objective, summarise(of_generator).mean);
}

}  // namespace fgan::naive
