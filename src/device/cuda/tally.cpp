#include "device/cuda/tally.h"

namespace fgan::cuda {
namespace {

std::int64_t bytes_of(std::int64_t count, DType dtype) { return count * static_cast<std::int64_t>(size_of(dtype)); }

const char* name_of(ConvPass pass) {
  switch (pass) {
    case ConvPass::forward: return "cuDNN forward";
    case ConvPass::grad_input: return "cuDNN grad_input";
    case ConvPass::grad_filter: return "cuDNN grad_filter";
  }
  return "cuDNN";
}

}  // namespace

Work work_of(const ConvJob& job) {
  const std::int64_t x = bytes_of(job.x.count(), job.dtype), filter = bytes_of(job.filter.count(), job.dtype),
                     y = bytes_of(job.y.count(), job.dtype);
  const std::int64_t written = job.pass == ConvPass::forward ? y : job.pass == ConvPass::grad_input ? x : filter;
  const std::int64_t bias = job.bias ? bytes_of(job.pass == ConvPass::grad_input ? job.x.c : job.y.c, DType::f32) : 0;
  const double products = static_cast<double>(job.y.count()) * static_cast<double>(job.filter.example());
  return {name_of(job.pass), x + filter + y - written + bias, written, 2 * products};
}

Work work_of(const Product& p) {
  const std::int64_t read = bytes_of((p.rows + p.columns) * p.inner, p.operands) + (p.bias ? bytes_of(p.columns, DType::f32) : 0);
  const double products = static_cast<double>(p.rows) * static_cast<double>(p.columns) * static_cast<double>(p.inner);
  return {"cuBLASLt", read, bytes_of(p.rows * p.columns, p.result), 2 * products};
}

}  // namespace fgan::cuda
