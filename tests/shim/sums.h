// A kernel that takes every sum of kernels/reduce.cuh twice, one right after the other.
#pragma once

#include "kernels/stream.h"

namespace fgan::samples {

constexpr int kSummed = 96;

// What each thread has found.
struct Sums {
  double block, block_squares;
  float team_of_4, team_of_all, cut_team;  // threads 8 apart; next to each other; 7 threads 5 apart
};

// x: [kSummed], sums: [kSummed]
void all_sums(kernels::Stream, const float* x, Sums* sums);

}  // namespace fgan::samples
