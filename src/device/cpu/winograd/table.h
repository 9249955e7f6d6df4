// All kernels of an instruction set, one table for each F(m, 2).
// Compiled more than once, for different processors: so nothing here may be visible to the linker.
#pragma once

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

const Kernels& table_of(int outputs) { return outputs == 2 ? kTable<F22<float>> : kTable<F42<float>>; }

}  // namespace
}  // namespace fgan::winograd
