// The architectures behind architectures.h; options are resolved.
#pragma once

#include "nn/architectures/builder.h"

namespace fgan {

std::unique_ptr<Network> mlp_generator(const ModelOptions& options, int latent, const Shape& data, math::ActivationSpec output);
std::unique_ptr<Network> mlp_critic(const ModelOptions& options, const Shape& data);
std::unique_ptr<Network> affine_generator(const ModelOptions& options, const Shape& data);

std::unique_ptr<Network> dcgan_generator(const ModelOptions& options, int latent, const Shape& data, math::ActivationSpec output);
std::unique_ptr<Network> dcgan_critic(const ModelOptions& options, const Shape& data);
int dcgan_depth(const Shape& data);  // stages that lead to a base of 4 to 7 pixels; throws Error(usage) when there are none

}  // namespace fgan
