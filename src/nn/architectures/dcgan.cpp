// DCGAN (Radford, Metz, Chintala 2015) with 4x4 kernels: `depth` stride-2 stages between the image and a base of size / 2^depth, the
// latent reaching the base by one transposed convolution, the critic's head leaving it by one convolution.  Channels double with each
// stage from `width` next to the image.
#include "base/error.h"
#include "nn/architectures/networks.h"

namespace fgan {
namespace {

constexpr ConvSpec kHalving{4, 2, 1};

int base_size(const ModelOptions& options, const Shape& data) {
  if (data.h != data.w) fail(Exit::usage, "architecture dcgan needs square images, the data has {}x{}", data.h, data.w);
  const auto base = static_cast<int>(data.h >> options.depth);
  if (base < 1 || (static_cast<std::int64_t>(base) << options.depth) != data.h || base > 16)
    fail(Exit::usage,
         "architecture dcgan cannot make {} pixels with model.depth = {}: {} halvings must lead to a whole number from 1 to 16", data.h,
         options.depth, options.depth);
  return base;
}

}  // namespace

int dcgan_depth(const Shape& data) {
  for (int depth = 1; depth <= 5; ++depth) {
    const std::int64_t base = data.h >> depth;
    if (base << depth == data.h && base >= 4 && base < 8) return depth;
  }
  fail(Exit::usage,
       "architecture dcgan has no depth for images of {}x{}: 28, 32, 64, 96 and 128 pixels work as they are; set data.size to one of them, "
       "or model.depth",
       data.h, data.w);
}

std::unique_ptr<Network> dcgan_generator(const ModelOptions& options, int latent, const Shape& data, math::ActivationSpec output) {
  NetworkBuilder builder(Shape{1, 1, 1, latent}, options);
  std::int64_t channels = static_cast<std::int64_t>(options.width) << (options.depth - 1);
  builder.conv_transpose({base_size(options, data), 1, 0}, channels);
  builder.hidden();
  for (int stage = 1; stage < options.depth; ++stage) {
    builder.conv_transpose(kHalving, channels /= 2);
    builder.hidden();
  }
  builder.conv_transpose(kHalving, data.c);
  builder.output(output);
  return builder.finish();
}

std::unique_ptr<Network> dcgan_critic(const ModelOptions& options, const Shape& data) {
  NetworkBuilder builder(data, options);
  std::int64_t channels = options.width;
  builder.conv(kHalving, channels);
  builder.hidden_without_normalization();
  for (int stage = 1; stage < options.depth; ++stage) {
    builder.conv(kHalving, channels *= 2);
    builder.hidden();
  }
  builder.conv({base_size(options, data), 1, 0}, 1);
  builder.output(math::ActivationSpec{});
  return builder.finish();
}

}  // namespace fgan
