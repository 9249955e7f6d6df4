// NumPy's .npy files (format version 1.0): a header that says type and shape, then the numbers, the last axis fastest.
#pragma once

#include <span>
#include <string>

#include "tensor/tensor.h"

namespace fgan {

// What stands before the numbers.  Its length is a multiple of 64.
std::string npy_header(DType type, std::span<const std::int64_t> dims);

}  // namespace fgan
