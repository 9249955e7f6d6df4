// Networks from options and the shape of the data.  Layer names count modules as torch.nn.Sequential would: "main.0.weight", ...;
// dropout is not counted.
#pragma once

#include <memory>

#include "nn/network.h"
#include "nn/options.h"

namespace fgan {

enum class Player : int { generator, critic };

// What the automatic values of the options become for this player and data.
ModelOptions resolved(const ModelOptions& options, Player player, Architecture opponent, const Shape& data);
int resolved_latent(const LatentOptions& latent, const ModelOptions& generator, const Shape& data);

// Both take resolved options; data is the shape of one example.  Throw Error(usage) for sizes the architecture cannot make.
std::unique_ptr<Network> make_generator(const ModelOptions& options, int latent, const Shape& data);
std::unique_ptr<Network> make_critic(const ModelOptions& options, const Shape& data);

}  // namespace fgan
