// The game over one batch: gradients by v for both players, and what is reported about it.  Formulas: math/game.h, evaluated in double:
// the terms of a row in parallel, the statistics over rows in order.
#include <cmath>

#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

struct Row {
  double v, t, f, descended;  // t of real rows only, descended of fake rows only
  bool capped;
};

// Mean and spread of one number per row (Welford 1962).
struct Spread {
  double count = 0, mean = 0, squares = 0;
  void add(double x) {
    count += 1;
    const double apart = x - mean;
    mean += apart / count;
    squares += apart * (x - mean);
  }
  double deviation() const { return count > 0 ? std::sqrt(squares / count) : 0; }
  double squared_error() const { return count > 1 ? squares / (count - 1) / count : 0; }  // of the mean
};

// What is reported of the rows of one role.
struct RoleStatistics {
  Spread v, t, f, descended;
  double above = 0;
  void add(const Row& row, double level) {
    v.add(row.v);
    t.add(row.t);
    f.add(row.f);
    descended.add(row.descended);
    above += row.v > level ? 1 : row.v == level ? 0.5 : 0;
  }
};

void report(const RoleStatistics& real, const RoleStatistics& fake, double a, float* statistics) {
  const auto put = [&](GameStat stat, double value) { statistics[static_cast<int>(stat)] = static_cast<float>(value); };
  const bool both = real.v.count > 0 && fake.v.count > 0;
  put(GameStat::bound, both ? real.t.mean - fake.f.mean : 0);
  put(GameStat::bound_se, both ? std::sqrt(real.t.squared_error() + fake.f.squared_error()) : 0);
  put(GameStat::true_positive, real.v.count > 0 ? real.above / real.v.count : 0);
  put(GameStat::true_negative, fake.v.count > 0 ? 1 - fake.above / fake.v.count : 0);
  put(GameStat::critic_mean_real, real.v.mean);
  put(GameStat::critic_sd_real, real.v.deviation());
  put(GameStat::critic_mean_fake, fake.v.mean);
  put(GameStat::critic_sd_fake, fake.v.deviation());
  put(GameStat::objective, both ? (1 - a) * real.t.mean - (a > 0 ? a * real.f.mean : 0) - fake.f.mean : 0);
  put(GameStat::generator_objective, fake.descended.mean);
}

}  // namespace

void CpuOps::game(Queue&, const math::GameSpec& spec, Groups groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) {
  double real_rows = 0, fake_rows = 0;
  for (const RowGroup& g : groups)
    (g.role == Role::real ? real_rows : fake_rows) += g.role == Role::reference ? 0.0 : static_cast<double>(g.count);
  const double a = spec.smoothing, level = math::threshold_v(spec);
  const auto store = [](Out t, std::int64_t row, double x) {
    if (t) f32(t)[row] = static_cast<float>(x);
  };
  RoleStatistics real, fake;
  std::int64_t capped_rows = 0;
  for (const RowGroup& g : groups) {
    if (g.role == Role::reference) {
      for (std::int64_t row = g.first; row < g.first + g.count; ++row) store(dcritic, row, 0), store(dgenerator, row, 0);
      continue;
    }
    const bool is_real = g.role == Role::real;
    partials_.reserve(static_cast<std::size_t>(g.count) * sizeof(Row));
    Row* rows = static_cast<Row*>(static_cast<void*>(partials_.data()));
    team_.each(g.count, g.count * 64, [&](std::int64_t i) {  // a term costs dozens of plain operations
      const double x = static_cast<double>(f32(v)[g.first + i]);
      const auto f = math::critic_fake(spec, x);
      const auto other = is_real ? math::critic_real(spec, x) : math::generator_fake(spec, x);
      rows[i] = {x, is_real ? other.value : 0, f.value, is_real ? 0 : other.value, is_real ? other.capped : f.capped || other.capped};
      store(dcritic, g.first + i, is_real ? ((1 - a) * other.slope - (a > 0 ? a * f.slope : 0)) / real_rows : -f.slope / fake_rows);
      store(dgenerator, g.first + i, is_real ? 0 : other.slope / fake_rows);
    });
    for (std::int64_t i = 0; i < g.count; ++i) {
      (is_real ? real : fake).add(rows[i], level);
      capped_rows += rows[i].capped ? 1 : 0;
    }
  }
  report(real, fake, a, f32(statistics));
  *static_cast<std::int64_t*>(capped.data) += capped_rows;
}

}  // namespace fgan
