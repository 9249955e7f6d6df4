// Row groups by value: what travels into a kernel.
#pragma once

#include "math/rows.h"

namespace fgan::kernels {

struct RowGroups {
  static constexpr int kMost = 3;  // reference, real, fake
  math::RowGroup at[kMost];
  int count = 0;
};

}  // namespace fgan::kernels
