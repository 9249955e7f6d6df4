// What is reported of one batch of the game: its rows, collected role by role, in any number of parts.
#pragma once

#include <cmath>

#include "math/hd.h"

namespace fgan::math {

// In this order (f32).  bound is E_P[T] - E_Q[F] without smoothing terms: a lower bound of the divergence whatever the critic; objective
// is what the critic ascends (equal to bound without smoothing).
enum class GameStat : int {
  bound,
  bound_se,
  true_positive,
  true_negative,
  critic_mean_real,
  critic_sd_real,
  critic_mean_fake,
  critic_sd_fake,
  objective,
  generator_objective,
  count
};

// Mean and spread of one number per row (Welford 1962); of two parts together (Chan, Golub, LeVeque 1979).
struct Spread {
  double count = 0, mean = 0, squares = 0;

  FGAN_HD void add(double x) {
    count += 1;
    const double apart = x - mean;
    mean += apart / count;
    squares += apart * (x - mean);
  }
  FGAN_HD void merge(const Spread& other) {
    if (other.count == 0) return;
    const double both = count + other.count, apart = other.mean - mean;
    mean += apart * (other.count / both);
    squares += other.squares + apart * apart * (count * other.count / both);
    count = both;
  }
  FGAN_HD double deviation() const { return count > 0 ? std::sqrt(squares / count) : 0; }
  FGAN_HD double squared_error() const { return count > 1 ? squares / (count - 1) / count : 0; }  // of the mean
};

// One row: t of real rows only, descended of fake rows only.
struct GameRow {
  double v, t, f, descended;
  bool capped;
};

// The rows of one role.
struct RoleStatistics {
  Spread v, t, f, descended;
  double above = 0;

  FGAN_HD void add(const GameRow& row, double level) {
    v.add(row.v);
    t.add(row.t);
    f.add(row.f);
    descended.add(row.descended);
    above += row.v > level ? 1 : row.v == level ? 0.5 : 0;
  }
  FGAN_HD void merge(const RoleStatistics& other) {
    v.merge(other.v);
    t.merge(other.t);
    f.merge(other.f);
    descended.merge(other.descended);
    above += other.above;
  }
};

// a: of one-sided label smoothing.  Writes GameStat::count numbers; those that need a role without rows are 0.
FGAN_HD inline void report(const RoleStatistics& real, const RoleStatistics& fake, double a, float* statistics) {
  const bool both = real.v.count > 0 && fake.v.count > 0;
  const double numbers[static_cast<int>(GameStat::count)] = {
      both ? real.t.mean - fake.f.mean : 0,
      both ? std::sqrt(real.t.squared_error() + fake.f.squared_error()) : 0,
      real.v.count > 0 ? real.above / real.v.count : 0,
      fake.v.count > 0 ? 1 - fake.above / fake.v.count : 0,
      real.v.mean,
      real.v.deviation(),
      fake.v.mean,
      fake.v.deviation(),
      both ? (1 - a) * real.t.mean - (a > 0 ? a * real.f.mean : 0) - fake.f.mean : 0,
      fake.descended.mean,
  };
  for (int i = 0; i < static_cast<int>(GameStat::count); ++i) statistics[i] = static_cast<float>(numbers[i]);
}

}  // namespace fgan::math
