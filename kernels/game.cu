#include "kernels/game.h"

#include "kernels/launch.h"
#include "math/game_statistics.h"

namespace fgan::kernels {
namespace {

using math::Role;

constexpr unsigned kHalf = 128;  // threads of one role
constexpr auto kStatistics = static_cast<std::int64_t>(math::GameStat::count);

struct Rows {
  double real = 0, fake = 0;
};

struct Outputs {
  float *dcritic, *dgenerator, *statistics;
  std::int64_t* capped;
};

// What one thread, and after merging all threads of a role, has seen.
struct Seen {
  math::RoleStatistics statistics;
  std::int64_t capped = 0;

  __device__ void merge(const Seen& other) {
    statistics.merge(other.statistics);
    capped += other.capped;
  }
};

__device__ void store(float* to, std::int64_t row, double x) {
  if (to != nullptr) to[row] = static_cast<float>(x);
}

// One row: its gradients are written, what it says is added to what the thread has seen.  rows: of its role.
__device__ void play(const math::GameSpec& spec, Role role, double level, double rows, double v, std::int64_t row, const Outputs& out,
                     Seen& seen) {
  const double a = spec.smoothing;
  const bool real = role == Role::real;
  const auto f = math::critic_fake(spec, v), other = real ? math::critic_real(spec, v) : math::generator_fake(spec, v);
  const bool capped = other.capped || (!real && f.capped);
  store(out.dcritic, row, (real ? (1 - a) * other.slope - (a > 0 ? a * f.slope : 0) : -f.slope) / rows);
  store(out.dgenerator, row, real ? 0 : other.slope / rows);
  seen.statistics.add({v, real ? other.value : 0, f.value, real ? 0 : other.value, capped}, level);
  seen.capped += capped ? 1 : 0;
}

// math/game.h and math/game_statistics.h for a whole batch, in double.  One block: the lower half of its threads takes the real rows, the
// upper half the fake ones, so that no warp diverges and a thread gathers one role; row i of a group is thread i % 128 of its half.  Then
// each half merges what its threads have seen pairwise in shared memory: an order that the groups alone fix.
//   Reads v once, writes each gradient once; a row costs dozens of operations in double.
__global__ void game_kernel(math::GameSpec spec, double level, RowGroups groups, Rows rows, const float* v, Outputs out) {
  const unsigned lane = threadIdx.x % kHalf;
  const Role role = threadIdx.x < kHalf ? Role::real : Role::fake;
  Seen mine;
  for (int g = 0; g < groups.count; ++g) {
    const math::RowGroup group = groups.at[g];
    const std::int64_t end = group.first + group.count;
    if (group.role == Role::reference) {
      for (std::int64_t row = group.first + threadIdx.x; row < end; row += 2 * kHalf) {
        store(out.dcritic, row, 0);
        store(out.dgenerator, row, 0);
      }
    } else if (group.role == role) {
      for (std::int64_t row = group.first + lane; row < end; row += kHalf)
        play(spec, role, level, role == Role::real ? rows.real : rows.fake, static_cast<double>(v[row]), row, out, mine);
    }
  }
  Seen* seen = dynamic_shared<Seen>();
  seen[threadIdx.x] = mine;
  __syncthreads();
  for (unsigned half = kHalf / 2; half > 0; half /= 2) {
    if (lane < half) seen[threadIdx.x].merge(seen[threadIdx.x + half]);
    __syncthreads();
  }
  if (threadIdx.x > 0) return;
  math::report(seen[0].statistics, seen[kHalf].statistics, spec.smoothing, out.statistics);
  *out.capped += seen[0].capped + seen[kHalf].capped;
}

}  // namespace

void game(Stream stream, const math::GameSpec& spec, double level, const RowGroups& groups, const float* v, float* dcritic,
          float* dgenerator, float* statistics, std::int64_t* capped) {
  Rows rows;
  for (int g = 0; g < groups.count; ++g) {
    const math::RowGroup& group = groups.at[g];
    if (group.role == Role::real) rows.real += static_cast<double>(group.count);
    if (group.role == Role::fake) rows.fake += static_cast<double>(group.count);
  }
  Grid grid;
  grid.threads_x = 2 * kHalf;
  grid.shared = 2 * kHalf * sizeof(Seen);
  std::int64_t all = 0;
  for (int g = 0; g < groups.count; ++g) all += groups.at[g].count;
  const std::int64_t written = bytes_of(dcritic, all) + bytes_of(dgenerator, all) + bytes_of(statistics, kStatistics) + bytes_of(capped, 1);
  launch({"game", bytes_of(v, all), written}, game_kernel, grid, stream, spec, level, groups, rows, v,
         Outputs{dcritic, dgenerator, statistics, capped});
}

}  // namespace fgan::kernels
