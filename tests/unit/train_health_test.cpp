#include "train/health.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "game/game.h"

using namespace fgan;

namespace {

Observation outputs_on_fakes(double mean, double deviation) {
  Observation seen;
  seen.critic[static_cast<std::size_t>(GameStat::critic_mean_fake)] = static_cast<float>(mean);
  seen.critic[static_cast<std::size_t>(GameStat::critic_sd_fake)] = static_cast<float>(deviation);
  return seen;
}

math::GameSpec game_of(math::DivergenceId divergence, math::Objective objective = math::Objective::minimax) {
  GameOptions options;
  options.divergence = divergence;
  options.objective = objective;
  return make_game(options);
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a condition begins and ends only when it was seen, or not seen, often enough in a row") {
    using enum Episode::Turn;
    Episode episode(3);
    std::vector<Episode::Turn> turns;
    for (const bool seen : {true, true, false, true, true, true, true, false, true, false, false, false, false})
      turns.push_back(episode.look(seen));
    CHECK(turns == std::vector{none, none, none, none, none, begins, none, none, none, none, none, ends, none});
    Episode hasty(1);
    CHECK(hasty.look(false) == none);
    CHECK(hasty.look(true) == begins);
    CHECK(hasty.look(true) == none);
    CHECK(hasty.look(false) == ends);
  }

  TEST_CASE("a critic without opinion leaves every generator all of its slope") {
    for (const math::DivergenceInfo& divergence : math::kDivergences)
      for (const math::Objective objective : {math::Objective::minimax, math::Objective::non_saturating}) {
        INFO(divergence.name);
        const math::GameSpec game = game_of(divergence.id, objective);
        CHECK(slope_left(game, outputs_on_fakes(game.centre, 0)) == doctest::Approx(1));
      }
  }

  TEST_CASE("a critic far out leaves no slope where the loss is flat there, and all of it where it is not") {
    using math::DivergenceId, math::Objective;
    CHECK(slope_left(game_of(DivergenceId::gan), outputs_on_fakes(-10, 1)) < Health::kSlopeLeft);
    CHECK(slope_left(game_of(DivergenceId::gan, Objective::non_saturating), outputs_on_fakes(-10, 1)) > 1);
    CHECK(slope_left(game_of(DivergenceId::total_variation), outputs_on_fakes(8, 1)) < Health::kSlopeLeft);  // dead on the other side
    CHECK(slope_left(game_of(DivergenceId::kl), outputs_on_fakes(-8, 1)) < Health::kSlopeLeft);
    CHECK(slope_left(game_of(DivergenceId::kl), outputs_on_fakes(-8, 9)) > Health::kSlopeLeft);  // some fakes still have one
    CHECK(slope_left(game_of(DivergenceId::reverse_kl, Objective::non_saturating), outputs_on_fakes(100, 1)) < Health::kSlopeLeft);
    CHECK(slope_left(game_of(DivergenceId::kl), outputs_on_fakes(1e6, 1)) == 0);  // capped
  }

  TEST_CASE("outputs that are not finite are no saturation: the counters of updates tell of them") {
    CHECK(slope_left(game_of(math::DivergenceId::gan), outputs_on_fakes(std::numeric_limits<double>::quiet_NaN(), 1)) == 1);
    CHECK(slope_left(game_of(math::DivergenceId::gan), outputs_on_fakes(-10, std::numeric_limits<double>::infinity())) == 1);
  }

  TEST_CASE("the spread is the mean over an example's numbers of their deviation over the rows") {
    std::vector<float> rows;
    for (int row = 0; row < 8; ++row) rows.insert(rows.end(), {row % 2 ? 3.0f : 1.0f, row % 2 ? 5.0f : -5.0f, 100.0f});
    CHECK(spread(std::span<const float>(rows), 3).value() == doctest::Approx((1.0 + 5.0 + 0.0) / 3));
    const std::vector<std::uint8_t> pixels{0, 255, 0, 255, 0, 255, 0, 255};
    CHECK(spread(std::span<const std::uint8_t>(pixels), 1).value() == doctest::Approx(127.5));
    CHECK(spread(std::span<const std::uint8_t>(pixels), 2).has_value() == false);  // 4 rows say little
  }
}
