// Dense layers as three products on one row-major weight [out, in].
#include "base/error.h"
#include "device/cuda/ops.h"
#include "kernels/dot.h"
#include "kernels/pointwise.h"

namespace fgan {
namespace {

using cuda::Product;

// What prepare and the ops agree on.
Product forward(std::int64_t rows, std::int64_t in, std::int64_t out, DType operands, DType y, bool bias) {
  return {.rows = rows, .columns = out, .inner = in, .transpose_b = true, .operands = operands, .result = y, .bias = bias};
}
Product grad_input(std::int64_t rows, std::int64_t in, std::int64_t out, DType operands) {
  return {.rows = rows, .columns = in, .inner = out, .operands = operands, .result = operands};
}
Product grad_weight(std::int64_t rows, std::int64_t in, std::int64_t out, DType operands) {
  return {.rows = out, .columns = in, .inner = rows, .transpose_a = true, .operands = operands};
}

void check_shapes(const Shape& x, const Shape& weight, const Shape& y) {
  const bool fits = x.n == y.n && weight.n == y.example() && weight.example() == x.example();
  FGAN_CHECK(fits, "dense layer from {} by {} to {}", to_string(x), to_string(weight), to_string(y));
}

std::size_t bytes_rounded(std::int64_t count) { return static_cast<std::size_t>(count) * size_of(DType::bf16); }

}  // namespace

void CudaOps::prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) {
  if (out == 1) return scratch_.want({kernels::weighted_rows_scratch(in)});  // a critic's head: kernels of ours
  const auto prepare = [&](DType operands) {
    for (const bool bias : {false, true}) products_.prepare(forward(rows, in, out, operands, DType::f32, bias));
    if (operands != DType::f32) products_.prepare(forward(rows, in, out, operands, operands, false));
    products_.prepare(grad_input(rows, in, out, operands));
    products_.prepare(grad_weight(rows, in, out, operands));
  };
  prepare(DType::f32);
  if (options_.dtype == ComputeType::bf16) prepare(DType::bf16);
  scratch_.want({cuda::Products::kWorkspace, bytes_rounded(rows * out)});
}

void CudaOps::multiply(const Product& product, In a, In b, In bias, Out c) {
  const bool round = a.dtype != product.operands;
  const auto parts = scratch_.take({cuda::Products::kWorkspace, round ? bytes_rounded(a.shape.count()) : 0});
  if (round) kernels::convert(stream_, a.shape.count(), array(a), {parts[1], kernels::Type::bf16});
  products_.run(product, round ? parts[1] : a.data, b.data, f32(bias), c.data, parts[0]);
  tally_.add(cuda::work_of(product));
}

// A bias alone is added by cuBLASLt, where its result is f32 as the bias is.  Not so an activation: its relu makes 0 of what is not a
// number, which would hide the fault that made it (math/activation.h).
void CudaOps::linear(Queue& queue, In x, In weight, const Epilogue& epilogue, Out y) {
  check_shapes(x.shape, weight.shape, y.shape);
  if (y.shape.example() == 1)
    return kernels::dot_rows(stream_, epilogue.activation, x.shape.n, x.shape.example(), array(x), array(weight), f32(epilogue.bias),
                             array(y));
  const bool alone = epilogue.activation.kind == math::Activation::none && y.dtype == DType::f32;
  const bool fused = alone && epilogue.bias && epilogue.bias.shape.count() == y.shape.example();
  multiply(forward(x.shape.n, x.shape.example(), y.shape.example(), weight.dtype, y.dtype, fused), x, weight,
           fused ? epilogue.bias : Tensor{}, y);
  if (!fused) finish(queue, epilogue, y);
}

void CudaOps::linear_grad_input(Queue&, In dy, In weight, Out dx) {
  check_shapes(dx.shape, weight.shape, dy.shape);
  if (dy.shape.example() == 1) return kernels::outer(stream_, dx.shape.n, dx.shape.example(), array(dy), array(weight), array(dx));
  multiply(grad_input(dx.shape.n, dx.shape.example(), dy.shape.example(), weight.dtype), dy, weight, {}, dx);
}

void CudaOps::linear_grad_weight(Queue&, In x, In dy, Out dweight) {
  check_shapes(x.shape, dweight.shape, dy.shape);
  if (dy.shape.example() == 1) {
    const std::size_t bytes = kernels::weighted_rows_scratch(x.shape.example());
    return kernels::weighted_rows(stream_, x.shape.n, x.shape.example(), array(x), array(dy), f32(dweight),
                                  {scratch_.take({bytes})[0], bytes}, arrivals());
  }
  multiply(grad_weight(x.shape.n, x.shape.example(), dy.shape.example(), x.dtype), dy, x, {}, dweight);
}

}  // namespace fgan
