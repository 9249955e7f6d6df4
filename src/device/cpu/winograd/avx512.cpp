// The kernels for AVX-512: CMakeLists.txt compiles this file for x86-64-v4.
#include "device/cpu/winograd/passes.h"
#include "device/cpu/winograd/product.h"

namespace fgan::winograd {
namespace {

template <class F>
constexpr Kernels kTable{F::kOutputs,
                         F::kElements* F::kElements,
                         kPanel,
                         Passes<F>::input,
                         Passes<F>::output_grad,
                         Passes<F>::output,
                         Passes<F>::input_grad,
                         Passes<F>::filter_by_output,
                         Passes<F>::filter_by_input,
                         Passes<F>::filter_grad,
                         product,
                         product_transposed};

}  // namespace

const Kernels& avx512_kernels(int outputs) { return outputs == 2 ? kTable<F22<float>> : kTable<F42<float>>; }

}  // namespace fgan::winograd
