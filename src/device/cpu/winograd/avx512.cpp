// The kernels for AVX-512: CMakeLists.txt compiles this file for x86-64-v4.
#include "device/cpu/winograd/table.h"

namespace fgan::winograd {

const Kernels& avx512_kernels(int outputs) { return table_of(outputs); }

}  // namespace fgan::winograd
