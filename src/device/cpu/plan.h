// One product or convolution with everything it needs, built once and run on plain memory: activations N,H,W,C, filters O,H,W,I.
// Scratch is shared by all plans, which run one after another.
#pragma once

namespace fgan {

class Plan {
 public:
  virtual ~Plan() = default;
  // Operands in the order of the op: conv (x, filter, y); grad_input (dy, filter, dx); grad_filter (x, dy, dfilter); product (a, b, c).
  virtual void run(const void* first, const void* second, void* result) = 0;
};

}  // namespace fgan
