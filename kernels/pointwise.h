// Bias, activation and their gradient; dropout; copies.  Where channels (of dropout: a row) are whole packs of 16 bytes, what is read and
// written begins at multiples of 16 bytes.
#pragma once

#include <cstdint>

#include "kernels/array.h"
#include "kernels/stream.h"
#include "math/activation.h"
#include "math/dropout.h"

namespace fgan::kernels {

// y[p, c] = activation(x[p, c] + bias[c]); bias may be null.  x and y of one type; y may be x.
void bias_act(Stream, const math::ActivationSpec&, std::int64_t pixels, std::int64_t channels, Array x, const float* bias, Array y);

// dx[p, c] = dy[p, c] * activation'(y[p, c]); dbias[c] = sum over p of dx before it is rounded, in an order fixed by the shape; dbias may
// be null.  All arrays of one type; dx may be dy.  arrivals: see last_block.cuh.
std::size_t bias_act_grad_scratch(std::int64_t channels);
void bias_act_grad(Stream, const math::ActivationSpec&, std::int64_t pixels, std::int64_t channels, Array y, Array dy, Array dx,
                   float* dbias, Scratch, unsigned* arrivals);

// y[row, e] = x[row, e] * factor (math/dropout.h) at step *counter.  y may be x.
void dropout(Stream, const math::DropoutSpec&, const std::int64_t* counter, std::int64_t rows, std::int64_t width, Array x, Array y);

// y = x, rounded where y is bf16 and x is not.
void convert(Stream, std::int64_t count, Array x, Array y);

}  // namespace fgan::kernels
