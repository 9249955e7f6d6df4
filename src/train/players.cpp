#include "train/players.h"

#include <algorithm>

#include "base/error.h"

namespace fgan {
namespace {

PlayersOptions resolve(PlayersOptions o, const Shape& data) {
  const Architecture generator = o.generator.model.architecture, critic = o.critic.model.architecture;
  o.generator.model = resolved(o.generator.model, Player::generator, critic, data);
  o.critic.model = resolved(o.critic.model, Player::critic, generator, data);
  o.latent.latent = resolved_latent(o.latent, o.generator.model, data);
  return o;
}

}  // namespace

Players::Players(Device& device, const PlayersOptions& options, const Shape& data, Use use)
    : options_(resolve(options, data)),
      data_(data),
      generator_(make_generator(options_.generator.model, options_.latent.latent, data)),
      critic_(make_critic(options_.critic.model, data)),
      generator_optimizer_(options_.generator.optimizer, options_.average, /*ascend=*/false),
      critic_optimizer_(options_.critic.optimizer, 0, /*ascend=*/true) {
  refuse_references();
  if (use == Use::sampling) {
    generator_->params().allocate(device, {.average = options_.average > 0});
    return;
  }
  if (generator_optimizer_.frozen() && critic_optimizer_.frozen())
    fail(Exit::usage, "generator.frozen = true and critic.frozen = true: nothing would be trained; let one of them learn");
  const auto allocate = [&](Network& network, const Optimizer& optimizer) {
    ParamStore::Blocks blocks = optimizer.blocks();
    blocks.rounded = device.activations() == DType::bf16;
    network.params().allocate(device, blocks);
  };
  allocate(*generator_, generator_optimizer_);
  allocate(*critic_, critic_optimizer_);
  generator_optimizer_.allocate(device);
  critic_optimizer_.allocate(device);
}

std::int64_t Players::reference_rows(const Network& network, const ModelOptions& model) const {
  if (!network.needs_reference()) return 0;
  return model.reference_rows > 0 ? model.reference_rows : options_.batch;
}

void Players::refuse_references() const {
  const auto refuse_one_row = [](const char* player, std::int64_t rows, const ModelOptions& model) {
    if (rows == 1)
      fail(Exit::usage, "{}.normalization = {} needs statistics of at least 2 rows, and {}: raise {}.reference_rows", player,
           to_string(model.normalization), model.reference_rows == 1 ? "reference_rows is 1" : "train.batch is 1", player);
  };
  refuse_one_row("generator", generator_reference(), options_.generator.model);
  refuse_one_row("critic", critic_reference(), options_.critic.model);
  const int asked = std::max(options_.generator.model.reference_rows, options_.critic.model.reference_rows);
  if (asked > 0 && generator_reference() == 0 && critic_reference() == 0)
    fail(Exit::usage, "model.reference_rows = {} has no use: no layer has normalization = virtual-batch or reference-batch", asked);
}

void Players::initialize(Device& device, std::uint64_t seed) {
  generator_->params().initialize(device, seed, static_cast<int>(Player::generator));
  critic_->params().initialize(device, seed, static_cast<int>(Player::critic));
}

void Players::round_weights(Device& device) {
  generator_->params().round(device);
  critic_->params().round(device);
}

math::PixelRange Players::pixel_range() const {
  const float lowest = options_.generator.model.output == OutputActivation::sigmoid ? 0 : -1;
  return options_.dequantised ? math::dequantised_range(lowest, 1) : math::exact_range(lowest, 1);
}

}  // namespace fgan
