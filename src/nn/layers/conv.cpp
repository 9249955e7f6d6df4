#include "nn/layers/conv.h"

#include <cmath>

#include "base/error.h"

namespace fgan {

Shape Conv::declare(ParamStore& params, Shape in) {
  const int kernel = spec_.kernel, stride = spec_.stride, padding = spec_.padding;
  const auto features_side = [&](std::int64_t side) { return (side + 2 * padding - kernel) / stride + 1; };
  const auto image_side = [&](std::int64_t side) { return (side - 1) * stride - 2 * padding + kernel; };
  if (transposed()) {
    features_ = in;
    image_ = {1, image_side(in.h), image_side(in.w), channels_};
  } else {
    image_ = in;
    features_ = {1, features_side(in.h), features_side(in.w), channels_};
  }
  FGAN_CHECK(features_.h > 0 && features_.w > 0, "{}: a kernel of {} does not fit an image of {}", name_, kernel, to_string(in));
  filter_ = {features_.c, kernel, kernel, image_.c};
  const std::int64_t inputs = transposed() ? features_.c * kernel * kernel / (stride * stride) : filter_.example();
  const double deviation = deviation_ >= 0 ? deviation_ : 1 / std::sqrt(static_cast<double>(inputs));
  weight_ = params.add({.name = name_ + ".weight",
                        .shape = filter_,
                        .layout = StoredLayout::filter(filter_),
                        .deviation = deviation,
                        .rounded_gradient = !is_dense(spec_, image_, features_)});
  return transposed() ? image_ : features_;
}

void Conv::prepare(Ops& ops, const LayerNeeds& needs) const {
  const ConvPass forward = transposed() ? ConvPass::grad_input : ConvPass::forward;
  const auto job = [&](ConvPass pass) {
    return ConvJob{.spec = spec_,
                   .pass = pass,
                   .x = image_.rows(needs.rows),
                   .filter = filter_,
                   .y = features_.rows(needs.rows),
                   .dtype = needs.dtype};
  };
  ConvJob first = job(forward);
  first.activation = needs.epilogue.activation;
  first.bias = static_cast<bool>(needs.epilogue.bias);
  ops.prepare_conv(first);
  if (needs.input_gradient) ops.prepare_conv(job(transposed() ? ConvPass::forward : ConvPass::grad_input));
  if (needs.gradients) ops.prepare_conv(job(ConvPass::grad_filter));
}

void Conv::forward(const Pass& pass, const ParamStore& params, In x, Out y, Out) const {
  const Tensor filter = pass.matrix(params, weight_, x.dtype);
  if (transposed()) pass.ops.conv_grad_input(pass.queue, spec_, x, filter, pass.epilogue, y);
  else pass.ops.conv(pass.queue, spec_, x, filter, pass.epilogue, y);
}

void Conv::backward(const Pass& pass, const ParamStore& params, In x, In, In dy, Out dx, In) const {
  if (pass.parameter_gradients) {
    const Tensor gradient = params.tensor(Block::gradient, weight_);
    pass.ops.conv_grad_filter(pass.queue, spec_, transposed() ? dy : x, transposed() ? x : dy, gradient);
  }
  if (!dx) return;
  const Tensor filter = pass.matrix(params, weight_, x.dtype);
  if (transposed()) pass.ops.conv(pass.queue, spec_, dy, filter, {}, dx);
  else pass.ops.conv_grad_input(pass.queue, spec_, dy, filter, {}, dx);
}

}  // namespace fgan
