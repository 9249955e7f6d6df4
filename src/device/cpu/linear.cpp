// Dense layers as three matrix products on one row-major weight [out, in]; oneDNN reads transposed operands through their strides.
// (A transposed *result* would fall to its reference kernel, 1000 times slower: dweight is dy' x, never (x' dy)'.)
#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {

CpuOps::LinearPlan* CpuOps::find_linear(std::int64_t rows, std::int64_t in, std::int64_t out) {
  for (LinearPlan& p : linears_)
    if (p.rows == rows && p.in == in && p.out == out) return &p;
  return nullptr;
}

void CpuOps::prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) {
  if (find_linear(rows, in, out)) return;
  const auto x = OneDnn::row_major(rows, in), weight = OneDnn::row_major(out, in), y = OneDnn::row_major(rows, out);
  linears_.push_back({rows, in, out, onednn_.product(x, weight.transposed(), y), onednn_.product(y, weight, x),
                      onednn_.product(y.transposed(), x, weight)});
}

CpuOps::LinearPlan& CpuOps::prepared_linear(const Shape& x, const Shape& weight, const Shape& y) {
  const bool fits = x.n == y.n && weight.n == y.example() && weight.example() == x.example();
  FGAN_CHECK(fits, "dense layer from {} by {} to {}", to_string(x), to_string(weight), to_string(y));
  LinearPlan* plan = find_linear(x.n, x.example(), y.example());
  FGAN_CHECK(plan != nullptr, "dense layer from {} to {} was not prepared", to_string(x), to_string(y));
  return *plan;
}

void CpuOps::linear(Queue& queue, In x, In weight, const Epilogue& epilogue, Out y) {
  prepared_linear(x.shape, weight.shape, y.shape).forward->run(x.data, weight.data, y.data);
  finish(queue, epilogue, y);
}

void CpuOps::linear_grad_input(Queue&, In dy, In weight, Out dx) {
  prepared_linear(dx.shape, weight.shape, dy.shape).grad_input->run(dy.data, weight.data, dx.data);
}

void CpuOps::linear_grad_weight(Queue&, In x, In dy, Out dweight) {
  prepared_linear(x.shape, dweight.shape, dy.shape).grad_weight->run(dy.data, x.data, dweight.data);
}

}  // namespace fgan
