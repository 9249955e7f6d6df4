// Ops on single numbers: bias and activation, dropout, noise, pixels, copies, counters.
#include "kernels/pointwise.h"

#include "base/error.h"
#include "device/cuda/ops.h"
#include "kernels/images.h"

namespace fgan {
namespace {

std::int64_t* counter_of(In t) { return static_cast<std::int64_t*>(t.data); }

}  // namespace

void CudaOps::finish(Queue& queue, const Epilogue& epilogue, Out y) {
  if (epilogue) bias_act(queue, epilogue.activation, y, epilogue.bias, y);
}

void CudaOps::bias_act(Queue&, const math::ActivationSpec& activation, In x, In bias, Out y) {
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && (!bias || bias.shape.count() == x.shape.c), "bias_act of {}", to_string(x.shape));
  kernels::bias_act(stream_, activation, x.shape.pixels(), x.shape.c, array(x), f32(bias), array(y));
}

void CudaOps::bias_act_grad(Queue&, const math::ActivationSpec& activation, In y, In dy, Out dx, Out dbias) {
  const Shape& s = y.shape;
  FGAN_CHECK(s == dy.shape && s == dx.shape && (!dbias || dbias.shape.count() == s.c), "bias_act_grad of {}", to_string(s));
  FGAN_CHECK(y.dtype == dy.dtype && y.dtype == dx.dtype, "bias_act_grad of {} in several types", to_string(s));
  if (activation.kind == math::Activation::none && dx.data == dy.data && !dbias) return;  // it is what it was
  const std::size_t bytes = dbias ? kernels::bias_act_grad_scratch(s.c) : 0;
  kernels::bias_act_grad(stream_, activation, s.pixels(), s.c, array(y), array(dy), array(dx), f32(dbias),
                         {scratch_.take({bytes})[0], bytes}, arrivals());
}

void CudaOps::noise(Queue&, Noise kind, std::uint64_t seed, math::Purpose purpose, Out counter, std::int64_t advance, Out y) {
  kernels::noise(stream_, kind == Noise::normal, seed, purpose, counter_of(counter), advance, y.shape.n, y.shape.example(), array(y),
                 arrivals());
}

void CudaOps::dropout(Queue&, const math::DropoutSpec& spec, In counter, In x, Out y) {
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && spec.first_element % 4 == 0, "dropout of {}", to_string(x.shape));
  kernels::dropout(stream_, spec, counter_of(counter), x.shape.n, x.shape.example(), array(x), array(y));
}

void CudaOps::pixels_in(Queue&, const math::PixelRange& range, const math::Augmentation& how, In counter, In pixels, Out y) {
  const Shape& s = pixels.shape;
  FGAN_CHECK(pixels.dtype == DType::u8 && same_rows(s, y.shape), "pixels_in of {}", to_string(s));
  kernels::pixels_in(stream_, range, how, counter_of(counter), {s.n, s.h, s.w, s.c}, static_cast<const std::uint8_t*>(pixels.data),
                     array(y));
}

void CudaOps::pixels_out(Queue&, const math::PixelRange& range, In x, Out pixels) {
  FGAN_CHECK(pixels.dtype == DType::u8 && pixels.shape.count() == x.shape.count(), "pixels_out of {}", to_string(x.shape));
  kernels::pixels_out(stream_, x.shape.count(), range, array(x), static_cast<std::uint8_t*>(pixels.data));
}

void CudaOps::copy(Queue&, In x, Out y) {
  const auto number = [](DType type) { return type == DType::f32 || type == DType::bf16; };
  FGAN_CHECK(x.shape.count() == y.shape.count() && (x.dtype == y.dtype || (number(x.dtype) && number(y.dtype))), "copy of {} to {}",
             to_string(x.shape), to_string(y.shape));
  if (x.dtype != y.dtype) kernels::convert(stream_, x.shape.count(), array(x), array(y));
  else copy_bytes(x, y);
}

void CudaOps::copy_bytes(In x, Out y) {
  FGAN_CALL(api_, cudaMemcpyAsync, y.data, x.data, x.bytes(), cudaMemcpyDeviceToDevice, stream_.cuda);
  tally_.add({"copy", static_cast<std::int64_t>(x.bytes()), static_cast<std::int64_t>(y.bytes())});
}

}  // namespace fgan
