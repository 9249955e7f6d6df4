// The game over one batch: gradients by v for both players, and what is reported about it.  Formulas: math/game.h, evaluated in double:
// the terms of a row in parallel, the statistics over rows in order.
#include "base/error.h"
#include "device/cpu/ops.h"
#include "math/game_statistics.h"

namespace fgan {

using math::GameRow, math::RoleStatistics;

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
    partials_.reserve(static_cast<std::size_t>(g.count) * sizeof(GameRow));
    GameRow* rows = static_cast<GameRow*>(static_cast<void*>(partials_.data()));
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
  math::report(real, fake, a, f32(statistics));
  *static_cast<std::int64_t*>(capped.data) += capped_rows;
}

}  // namespace fgan
