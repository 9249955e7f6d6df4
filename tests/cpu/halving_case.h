// A convolution of kernel 4, stride 2, padding 1 with its operands, and each of its passes by sums of products in double.
#pragma once

#include <vector>

#include "device/ops.h"

namespace fgan {

class HalvingCase {
 public:
  // Numbers are uniform on (-1, 1).
  HalvingCase(const Shape& x, std::int64_t out);

  Shape x_shape;
  std::int64_t out;
  std::vector<float> x, filter, dy;

  Shape y_shape() const;
  Shape filter_shape() const { return {out, 4, 4, x_shape.c}; }
  Shape result_shape(ConvPass pass) const {
    return pass == ConvPass::forward ? y_shape() : pass == ConvPass::grad_input ? x_shape : filter_shape();
  }
  const float* first(ConvPass pass) const { return pass == ConvPass::grad_input ? dy.data() : x.data(); }
  const float* second(ConvPass pass) const { return pass == ConvPass::grad_filter ? dy.data() : filter.data(); }
  // Of the operands as they are now.
  std::vector<double> direct(ConvPass pass) const;
};

// Root of the mean square of the differences over that of the expected numbers.
double relative_error(const std::vector<float>& found, const std::vector<double>& expected);

}  // namespace fgan
