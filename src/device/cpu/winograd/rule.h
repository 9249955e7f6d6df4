// Which convolutions are computed in Winograd's domain: a function of shapes, never of a clock, so that runs repeat.
#pragma once

#include "device/cpu/winograd/plan.h"

namespace fgan::winograd {

// The only ones there are transforms for.
inline bool possible(const ConvSpec& spec) { return spec == ConvSpec{4, 2, 1}; }

// m of F(m, 2) that costs less.
int outputs_of(const Shape& y);

// Whether it is faster than oneDNN's direct convolution, in whatever pass: docs/measurements/2026-11-21-winograd.md.
bool pays(const Shape& x, const Shape& y);

}  // namespace fgan::winograd
