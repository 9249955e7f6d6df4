// The real cuDNN, and the GPUs it is asked about: records of their properties stand for them.
#pragma once

#include <string>
#include <vector>

#include "device/cuda/cudnn_plan.h"

namespace fgan {

// cuDNN's functions alone, found as the program finds them.  Throws where it is not installed.
const cuda::Api& cudnn();

enum class Gpu { a100, h100 };
std::string name(Gpu);
cuda::Descriptor properties(Gpu);  // of sm_80 with 108 multiprocessors, of sm_90 with 132

}  // namespace fgan
