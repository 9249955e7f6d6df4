#include "base/format.h"
#include "tensor/tensor.h"

namespace fgan {

std::string to_string(const Shape& shape) { return format("{}x{}x{}x{}", shape.n, shape.h, shape.w, shape.c); }

}  // namespace fgan
