// Convolutions of kernel 4, stride 2 and padding 1 by Winograd's minimal filtering on parities: docs/winograd.md.
#pragma once

#include <cstdint>
#include <memory>

#include "device/cpu/memory.h"
#include "device/cpu/parallel.h"
#include "device/cpu/plan.h"
#include "device/cpu/winograd/kernels.h"
#include "device/ops.h"

namespace fgan::winograd {

enum class Isa : std::uint8_t { avx2, avx512 };

// outputs: m of F(m, 2), 2 or 4
const Kernels& kernels(Isa isa, int outputs);

// x [n, h, w, c], y [n, h / 2, w / 2, o].  The scratch is grown to what the plan needs.  Results do not depend on the number of threads.
std::unique_ptr<Plan> make_plan(const Team&, const Kernels&, ConvPass, const Shape& x, const Shape& y, Memory& scratch);

}  // namespace fgan::winograd
