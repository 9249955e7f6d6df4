// The kernels for AVX2 and FMA, which every processor has that this program runs on.
#include "device/cpu/winograd/table.h"

namespace fgan::winograd {

const Kernels& avx2_kernels(int outputs) { return table_of(outputs); }

}  // namespace fgan::winograd
