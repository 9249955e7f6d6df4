// Two ways in which a game stops without a number that is not finite: the critic saturates, the samples collapse.  Each is told when it
// begins to last, and again when it is over.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "math/game.h"
#include "train/observation.h"

namespace fgan {

// A condition that is looked at again and again: it begins when it was seen `patience` times in a row, and ends when it was not seen as
// often.
class Episode {
 public:
  enum class Turn { none, begins, ends };
  explicit Episode(int patience) : patience_(patience) {}
  Turn look(bool seen);

 private:
  int patience_;
  bool lasts_ = false;
  int against_ = 0;  // looks in a row that say the opposite
};

// How much of its slope the generator's loss has left: the largest of those at the critic's mean output on fakes and one standard deviation
// to either side, relative to that where the critic has no opinion.  1 where that cannot be told.
double slope_left(const math::GameSpec& game, const Observation& seen);

// The standard deviation of each number of an example over the rows [rows, example], averaged over the numbers; nothing for fewer than 8
// rows.
std::optional<double> spread(std::span<const std::uint8_t> rows, std::int64_t example);
std::optional<double> spread(std::span<const float> rows, std::int64_t example);

class Health {
 public:
  static constexpr double kSlopeLeft = 0.01, kSpreadLeft = 0.05;  // below them: saturated, collapsed

  explicit Health(const math::GameSpec& game) : game_(game) {}

  void look(const Observation& seen, std::int64_t step);   // at the metrics of a step: tells of a critic that saturates
  void look_at_samples(double spread, std::int64_t step);  // relative to that of real examples

 private:
  math::GameSpec game_;
  Episode saturation_{3}, collapse_{1};  // the metrics are those of one batch
};

}  // namespace fgan
