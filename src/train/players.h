// The two players of a game: their networks with parameters and optimisers on a device.
#pragma once

#include <cstdint>
#include <memory>

#include "nn/architectures/architectures.h"
#include "nn/network.h"
#include "optim/optimizer.h"
#include "train/options.h"

namespace fgan {

class Players {
 public:
  enum class Use { training, sampling };  // sampling: the generator's weights only

  // data: shape of one example.  Throws Error(usage) for networks that cannot be made.
  Players(Device& device, const PlayersOptions& options, const Shape& data, Use use);
  void initialize(Device& device, std::uint64_t seed);
  void round_weights(Device& device);  // after they were loaded: where passes compute in bf16

  Network& generator() { return *generator_; }
  Network& critic() { return *critic_; }
  const Optimizer& generator_optimizer() const { return generator_optimizer_; }
  const Optimizer& critic_optimizer() const { return critic_optimizer_; }
  const PlayersOptions& resolved_options() const { return options_; }  // nothing automatic left
  const Shape& data_shape() const { return data_; }
  math::PixelRange pixel_range() const;  // of what the generator's last activation can reach
  // Rows of the reference that every pass through the network begins with; 0 where it needs none.
  std::int64_t generator_reference() const { return reference_rows(*generator_, options_.generator.model); }
  std::int64_t critic_reference() const { return reference_rows(*critic_, options_.critic.model); }
  // The block samples are drawn with.
  Block sampled_weights() const { return options_.average > 0 ? Block::average : Block::weights; }

 private:
  std::int64_t reference_rows(const Network& network, const ModelOptions& model) const;
  void refuse_references() const;

  PlayersOptions options_;
  Shape data_;
  std::unique_ptr<Network> generator_, critic_;
  Optimizer generator_optimizer_, critic_optimizer_;
};

}  // namespace fgan
