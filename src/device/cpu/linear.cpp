// Dense layers as three matrix products on one row-major weight [out, in]; oneDNN reads transposed operands through their strides.
// (A transposed *result* would fall to its reference kernel, 1000 times slower: dweight is dy' x, never (x' dy)'.)
#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {

CpuOps::LinearPlan* CpuOps::find_linear(std::int64_t rows, std::int64_t in, std::int64_t out, DType dtype) {
  for (LinearPlan& p : linears_)
    if (p.rows == rows && p.in == in && p.out == out && p.dtype == dtype) return &p;
  return nullptr;
}

void CpuOps::prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) {
  prepare_linear(rows, in, out, DType::f32);
  if (activations_ != DType::f32) prepare_linear(rows, in, out, activations_);
}

void CpuOps::prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out, DType dtype) {
  if (find_linear(rows, in, out, dtype)) return;
  const auto x = OneDnn::row_major(rows, in, dtype), weight = OneDnn::row_major(out, in, dtype), y = OneDnn::row_major(rows, out, dtype);
  const auto y_in_f32 = OneDnn::row_major(rows, out), dweight = OneDnn::row_major(out, in);
  const bool rounds = dtype != DType::f32;
  if (rounds) converted_.reserve(static_cast<std::size_t>(rows * out) * size_of(dtype));
  linears_.push_back({rows, in, out, dtype, onednn_.product(x, weight.transposed(), y),
                      rounds ? onednn_.product(x, weight.transposed(), y_in_f32) : nullptr, onednn_.product(y, weight, x),
                      onednn_.product(y.transposed(), x, dweight)});
}

CpuOps::LinearPlan& CpuOps::prepared_linear(const Shape& x, const Shape& weight, const Shape& y, DType dtype) {
  const bool fits = x.n == y.n && weight.n == y.example() && weight.example() == x.example();
  FGAN_CHECK(fits, "dense layer from {} by {} to {}", to_string(x), to_string(weight), to_string(y));
  LinearPlan* plan = find_linear(x.n, x.example(), y.example(), dtype);
  FGAN_CHECK(plan != nullptr, "dense layer from {} to {} was not prepared", to_string(x), to_string(y));
  return *plan;
}

Tensor CpuOps::operand(Queue& queue, In dy, DType dtype) {
  if (dy.dtype == dtype) return dy;
  const Tensor rounded{converted_.data(), dy.shape, dtype};
  copy(queue, dy, rounded);
  return rounded;
}

void CpuOps::linear(Queue& queue, In x, In weight, const Epilogue& epilogue, Out y) {
  const LinearPlan& p = prepared_linear(x.shape, weight.shape, y.shape, x.dtype);
  (y.dtype == x.dtype ? p.forward : p.forward_to_f32)->run(x.data, weight.data, y.data);
  finish(queue, epilogue, y);
}

void CpuOps::linear_grad_input(Queue& queue, In dy, In weight, Out dx) {
  const LinearPlan& p = prepared_linear(dx.shape, weight.shape, dy.shape, dx.dtype);
  p.grad_input->run(operand(queue, dy, dx.dtype).data, weight.data, dx.data);
}

void CpuOps::linear_grad_weight(Queue& queue, In x, In dy, Out dweight) {
  const LinearPlan& p = prepared_linear(x.shape, dweight.shape, dy.shape, x.dtype);
  p.grad_weight->run(operand(queue, dy, x.dtype).data, x.data, dweight.data);
}

}  // namespace fgan
