// The game over one batch in one launch: gradients by v for both players and what is reported (math/game.h, math/game_statistics.h).
#pragma once

#include <cstdint>

#include "kernels/rows.h"
#include "kernels/stream.h"
#include "math/game.h"

namespace fgan::kernels {

// v: [rows of all groups].  dcritic, dgenerator may be null.  level: math::threshold_v(game).  statistics: f32[GameStat::count]; capped:
// increased by the capped rows.  Terms, means and gradients in double, in an order fixed by the groups.
void game(Stream, const math::GameSpec&, double level, const RowGroups&, const float* v, float* dcritic, float* dgenerator,
          float* statistics, std::int64_t* capped);

}  // namespace fgan::kernels
