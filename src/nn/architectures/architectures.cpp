#include "nn/architectures/architectures.h"

#include "base/error.h"
#include "nn/architectures/networks.h"

namespace fgan {
namespace {

bool is_image(const Shape& data) { return data.h * data.w > 1; }

math::ActivationSpec output_activation(const ModelOptions& options) {
  switch (options.output) {
    case OutputActivation::tanh: return {math::Activation::tanh, 0};
    case OutputActivation::sigmoid: return {math::Activation::sigmoid, 0};
    default: return {math::Activation::none, 0};
  }
}

HiddenActivation automatic_activation(Architecture architecture, Player player, Architecture opponent) {
  if (player == Player::generator) return HiddenActivation::relu;
  if (architecture == Architecture::dcgan) return HiddenActivation::leaky_relu;
  return opponent == Architecture::affine ? HiddenActivation::tanh : HiddenActivation::elu;
}

}  // namespace

ModelOptions resolved(const ModelOptions& options, Player player, Architecture opponent, const Shape& data) {
  ModelOptions o = options;
  const bool generator = player == Player::generator;
  if (!generator && o.architecture == Architecture::affine) o.architecture = Architecture::mlp;
  const bool dcgan = o.architecture == Architecture::dcgan;
  if (o.width == 0) o.width = dcgan || opponent == Architecture::affine ? 64 : generator ? 1200 : 240;
  if (o.depth == 0) o.depth = dcgan ? dcgan_depth(data) : 2;
  if (o.normalization == Normalization::automatic)
    o.normalization = dcgan || (generator && is_image(data)) ? Normalization::batch : Normalization::none;
  if (o.activation == HiddenActivation::automatic) o.activation = automatic_activation(o.architecture, player, opponent);
  if (o.output == OutputActivation::automatic) o.output = is_image(data) ? OutputActivation::tanh : OutputActivation::linear;
  if (o.init_deviation < 0 && dcgan) o.init_deviation = 0.02;
  return o;
}

int resolved_latent(const LatentOptions& latent, const ModelOptions& generator, const Shape& data) {
  if (generator.architecture != Architecture::affine) return latent.latent > 0 ? latent.latent : is_image(data) ? 100 : 16;
  const auto numbers = static_cast<int>(data.example());
  if (latent.latent != 0 && latent.latent != numbers)
    fail(Exit::usage, "model.latent = {} does not fit architecture affine: x = mu + sigma z needs as many numbers as the data has, {}",
         latent.latent, numbers);
  return numbers;
}

std::unique_ptr<Network> make_generator(const ModelOptions& options, int latent, const Shape& data) {
  if (options.architecture != Architecture::affine && data.c > 4 && is_image(data))
    fail(Exit::usage, "images of {} channels: fgan knows 1 to 4", data.c);
  switch (options.architecture) {
    case Architecture::mlp: return mlp_generator(options, latent, data, output_activation(options));
    case Architecture::dcgan: return dcgan_generator(options, latent, data, output_activation(options));
    case Architecture::affine: return affine_generator(options, data);
  }
  throw std::logic_error("unhandled architecture");
}

std::unique_ptr<Network> make_critic(const ModelOptions& options, const Shape& data) {
  return options.architecture == Architecture::dcgan ? dcgan_critic(options, data) : mlp_critic(options, data);
}

}  // namespace fgan
