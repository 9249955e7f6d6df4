// What normalisation does to a channel:
//   y = activation(gain * (x - mean) / sqrt(variance + epsilon) + bias).
//   batch: mean and (biased) variance of each row group over its rows, h and w;
//   given: mean and variance are read from `moments` (one group), e.g. those of a calibration batch;
//   none: mean 0, variance 1 - epsilon, that is y = activation(gain * x + bias);
//   reference: all rows by the moments (m_r, v_r) of the reference group, over its n rows, h and w;
//   virtual_batch (Salimans et al. 2016): the reference group by its own moments; every other row by those of the reference group and
//   itself together, that is with its own moments (m, v) over h and w, w_r = n / (n + 1) and w = 1 / (n + 1):
//     mean = w_r m_r + w m,   variance = w_r v_r + w v + w_r w (m_r - m)^2.
// For the last two the first group, and no other, has the role reference.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/activation.h"
#include "math/hd.h"

namespace fgan::math {

enum class Statistics : std::uint8_t { none, batch, given, reference, virtual_batch };

struct NormSpec {
  Statistics statistics = Statistics::batch;
  ActivationSpec activation{};
  float epsilon = 1e-5f;
  bool reference_gradient = true;  // false: m_r and v_r are constants to normalize_grad, for the reference rows too
};

template <class S>
struct Moments {
  S mean, variance;  // biased
};

// Of a reference of n rows together with one more row; never a difference of squares (MATHS section 7).
template <class S>
FGAN_HD Moments<S> joint_moments(S n, Moments<S> reference, Moments<S> row) {
  const S share = n / (n + S(1)), own = S(1) / (n + S(1)), apart = reference.mean - row.mean;
  return {share * reference.mean + own * row.mean, share * reference.variance + own * row.variance + share * own * apart * apart};
}

// Joins the moments of `before` samples and of `more` (Chan, Golub and LeVeque 1983).  squares: summed about their mean.
template <class S>
struct MergeMoments {
  S share, cross;
  FGAN_HD MergeMoments(S before, S more) : share(more / (before + more)), cross(before * share) {}
  FGAN_HD void operator()(S& mean, S& squares, S other_mean, S other_squares) const {
    const S apart = other_mean - mean;
    mean += apart * share;
    squares += other_squares + apart * apart * cross;
  }
};

template <class S>
FGAN_HD S per_deviation(S variance, S epsilon) {
  using std::sqrt;
  return S(1) / sqrt(variance + epsilon);
}

// Over numbers that share their moments: sums of d, the slope by what the activation is applied to, and of d z, z = (x - mean) / sd.
template <class S>
struct SlopeSums {
  S d, dz;
};

// What a row of virtual_batch adds to these sums of its reference, whose moments its x are measured by too.  share: w_r; variance: v_r +
// epsilon; per_sd: of the joint moments; apart: m_r less the joint mean, in joint deviations; sums: of the row.
template <class S>
FGAN_HD SlopeSums<S> pull_on_reference(S share, S variance, S per_sd, S apart, SlopeSums<S> sums) {
  using std::sqrt;
  return {share * sqrt(variance) * per_sd * (sums.d + apart * sums.dz), share * variance * per_sd * per_sd * sums.dz};
}

}  // namespace fgan::math
