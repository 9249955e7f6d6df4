#include "shim/sums.h"

#include "kernels/reduce.cuh"

namespace fgan::samples {
namespace {

__global__ void sum_all_ways(const float* x, Sums* sums) {
  const float own = x[threadIdx.x];
  Sums& found = sums[threadIdx.x];
  found.block = kernels::block_sum<kSummed>(static_cast<double>(own));
  found.block_squares = kernels::block_sum<kSummed>(static_cast<double>(own) * static_cast<double>(own));
  found.team_of_4 = kernels::team_sum<kSummed>(own, 8, 4);
  found.team_of_all = kernels::team_sum<kSummed>(own, 1, kSummed);
  found.cut_team = kernels::team_sum<kSummed>(own, 5, 7);
}

}  // namespace

void all_sums(kernels::Stream stream, const float* x, Sums* sums) {
  kernels::launch({"sum_all_ways"}, sum_all_ways, {1, 1, kSummed}, stream, x, sums);
}

}  // namespace fgan::samples
