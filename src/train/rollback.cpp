#include "train/rollback.h"

#include <cmath>

#include "base/error.h"

namespace fgan {

PlayersOptions slowed(PlayersOptions options, int rollbacks) {
  for (PlayerOptions* player : {&options.generator, &options.critic})
    player->optimizer.learning_rate = std::ldexp(player->optimizer.learning_rate, -rollbacks);
  return options;
}

std::optional<FoundCheckpoint> point_of_return(const std::filesystem::path& run, std::int64_t checkpoint_every,
                                               std::optional<std::int64_t> tried) {
  const auto scheduled = [&](std::int64_t step) { return step % checkpoint_every == 0; };
  std::optional<FoundCheckpoint> newest = newest_checkpoint(run, scheduled);
  if (!newest) return newest_checkpoint(run);
  if (newest->header.step != tried) return newest;
  std::optional<FoundCheckpoint> older = newest_checkpoint(run, [&](std::int64_t step) { return scheduled(step) && step < *tried; });
  return older ? std::move(older) : std::move(newest);
}

void remove_checkpoints_after(const std::filesystem::path& run, std::int64_t step) {
  for (const auto& [at, path] : checkpoint_files(run)) {
    std::error_code error;
    if (at > step && !std::filesystem::remove(path, error) && error)
      fail(Exit::output, "cannot remove '{}', which the run has gone back behind: {}", path.string(), error.message());
  }
}

}  // namespace fgan
