#include "nn/layers/conv.h"

#include <cmath>

#include "base/error.h"

namespace fgan {
namespace {

int declare_filter(ParamStore& params, const std::string& name, const Shape& filter, std::int64_t inputs, double deviation) {
  const double sigma = deviation >= 0 ? deviation : 1 / std::sqrt(static_cast<double>(inputs));
  return params.add({.name = name + ".weight", .shape = filter, .layout = StoredLayout::filter(filter), .deviation = sigma});
}

}  // namespace

Shape Conv::declare(ParamStore& params, Shape in) {
  in_ = in;
  const auto side = [&](std::int64_t s) { return (s + 2 * spec_.padding - spec_.kernel) / spec_.stride + 1; };
  out_ = {1, side(in.h), side(in.w), channels_};
  FGAN_CHECK(out_.h > 0 && out_.w > 0, "{}: a kernel of {} does not fit an image of {}", name_, spec_.kernel, to_string(in));
  filter_ = {channels_, spec_.kernel, spec_.kernel, in.c};
  weight_ = declare_filter(params, name_, filter_, filter_.example(), deviation_);
  return out_;
}

void Conv::prepare(Ops& ops, std::int64_t rows, bool gradients, bool input_gradient) const {
  ops.prepare_conv(spec_, ConvPass::forward, in_.rows(rows), filter_, out_.rows(rows));
  if (gradients) ops.prepare_conv(spec_, ConvPass::grad_filter, in_.rows(rows), filter_, out_.rows(rows));
  if (input_gradient) ops.prepare_conv(spec_, ConvPass::grad_input, in_.rows(rows), filter_, out_.rows(rows));
}

void Conv::forward(const Pass& pass, const ParamStore& params, In x, Out y, Out) const {
  pass.ops.conv(pass.queue, spec_, x, params.tensor(pass.weights, weight_), y);
}

void Conv::backward(const Pass& pass, const ParamStore& params, In x, In, In dy, Out dx, In) const {
  if (pass.parameter_gradients) pass.ops.conv_grad_filter(pass.queue, spec_, x, dy, params.tensor(Block::gradient, weight_));
  if (dx) pass.ops.conv_grad_input(pass.queue, spec_, dy, params.tensor(pass.weights, weight_), dx);
}

Shape ConvTranspose::declare(ParamStore& params, Shape in) {
  in_ = in;
  const auto side = [&](std::int64_t s) { return (s - 1) * spec_.stride - 2 * spec_.padding + spec_.kernel; };
  out_ = {1, side(in.h), side(in.w), channels_};
  filter_ = {in.c, spec_.kernel, spec_.kernel, channels_};
  weight_ = declare_filter(params, name_, filter_, in.c * spec_.kernel * spec_.kernel / (spec_.stride * spec_.stride), deviation_);
  return out_;
}

void ConvTranspose::prepare(Ops& ops, std::int64_t rows, bool gradients, bool input_gradient) const {
  ops.prepare_conv(spec_, ConvPass::grad_input, out_.rows(rows), filter_, in_.rows(rows));
  if (gradients) ops.prepare_conv(spec_, ConvPass::grad_filter, out_.rows(rows), filter_, in_.rows(rows));
  if (input_gradient) ops.prepare_conv(spec_, ConvPass::forward, out_.rows(rows), filter_, in_.rows(rows));
}

void ConvTranspose::forward(const Pass& pass, const ParamStore& params, In x, Out y, Out) const {
  pass.ops.conv_grad_input(pass.queue, spec_, x, params.tensor(pass.weights, weight_), y);
}

void ConvTranspose::backward(const Pass& pass, const ParamStore& params, In x, In, In dy, Out dx, In) const {
  if (pass.parameter_gradients) pass.ops.conv_grad_filter(pass.queue, spec_, dy, x, params.tensor(Block::gradient, weight_));
  if (dx) pass.ops.conv(pass.queue, spec_, dy, params.tensor(pass.weights, weight_), dx);
}

}  // namespace fgan
