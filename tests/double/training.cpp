#include "double/training.h"

#include <cstring>

#include "config/presets.h"
#include "train/state.h"

namespace fgan::cuda_double {

Config small_preset(std::string_view name, Rule rule, const Small& small) {
  Config config = resolve(from_preset(name)).config;
  config.game.rule = rule;
  config.train.batch = config.players.batch = small.batch;
  for (PlayerOptions* player : {&config.players.generator, &config.players.critic})
    if (player->model.architecture != Architecture::affine && small.width > 0) player->model.width = small.width;
  return config;
}

Shape data_of(const Config& config) {
  if (config.players.generator.model.architecture == Architecture::affine) return {1, 1, 1, 1};
  const int size = config.data.size > 0 ? config.data.size : 28, channels = config.data.channels > 0 ? config.data.channels
                                                                            : size == 28             ? 1
                                                                                                     : 3;
  return {1, size, size, channels};
}

Training::Training(Device& device, const Config& config) : device_(device) {
  players_ = std::make_unique<Players>(device, config.players, data_of(config), Players::Use::training);
  players_->initialize(device, 1);
  const bool numbers = config.players.generator.model.architecture == Architecture::affine;
  step_ = std::make_unique<GanStep>(device, *players_, StepOptions{config.game, config.train.batch, 1, numbers ? DType::f32 : DType::u8});
}

void Training::feed() {
  const Tensor to = step_->staging();
  std::vector<std::byte> bytes(to.bytes());
  for (std::int64_t i = 0; i < to.shape.count(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const float u = math::uniform(7, math::Purpose::bench, fed_, 0, static_cast<std::uint32_t>(i));
    if (to.dtype == DType::u8) bytes[at] = static_cast<std::byte>(255 * u);
    else std::memcpy(bytes.data() + 4 * at, &u, 4);
  }
  ++fed_;
  device_.upload(to.data, bytes.data(), bytes.size());
}

std::vector<std::byte> Training::state() const {
  std::vector<std::byte> all;
  for (const StoredTensor& tensor : store(device_, training_state(*players_, *step_)))
    all.insert(all.end(), tensor.bytes.begin(), tensor.bytes.end());
  return all;
}

}  // namespace fgan::cuda_double
