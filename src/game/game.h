// From the options of the game to what the devices compute, with everything that is not defined refused in words.
#pragma once

#include <string>

#include "game/options.h"
#include "math/game.h"

namespace fgan {

// Throws Error(usage): total variation has no log-ratio; alpha 0 and 1 have only the log-ratio form; maximum likelihood is KL.
math::GameSpec make_game(const GameOptions& options);

// The generator's slopes on fakes are the critic's own: it descends the very bound the critic ascends.  So does maximum likelihood with a
// critic of kl, e^r being F there.
bool descends_the_bound(const math::GameSpec& game);

// Which divergence the generator's gradient is that of when the critic is at its optimum (MATHS section 4): not always the critic's.
std::string generator_really_descends(const math::GameSpec& game);

}  // namespace fgan
