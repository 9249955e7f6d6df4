// Multi-layer perceptrons, by default those of the f-GAN paper's MNIST experiment (appendix; 1200-1200 and 240-240), and the affine
// generator of its section 2.5.
#include "nn/architectures/networks.h"

namespace fgan {

std::unique_ptr<Network> mlp_generator(const ModelOptions& options, int latent, const Shape& data, math::ActivationSpec output) {
  NetworkBuilder builder(Shape{1, 1, 1, latent}, options);
  for (int i = 0; i < options.depth; ++i) {
    builder.dense(Shape{1, 1, 1, options.width});
    builder.hidden();
  }
  builder.dense(data);
  builder.output(output);
  return builder.finish();
}

std::unique_ptr<Network> mlp_critic(const ModelOptions& options, const Shape& data) {
  NetworkBuilder builder(data, options);
  for (int i = 0; i < options.depth; ++i) {
    builder.dense(Shape{1, 1, 1, options.width});
    if (i == 0) builder.hidden_without_normalization();  // keeps the first layer free of mixing rows
    else builder.hidden();
  }
  builder.dense(Shape{});
  builder.output(math::ActivationSpec{});
  return builder.finish();
}

std::unique_ptr<Network> affine_generator(const ModelOptions& options, const Shape& data) {
  NetworkBuilder builder(Shape{1, 1, 1, data.example()}, options);  // one mu and sigma for every number
  builder.affine();
  return builder.finish();
}

}  // namespace fgan
