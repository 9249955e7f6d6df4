// The operations every back end provides: few and coarse.  All of them only enqueue.  Tensors are N,H,W,C, f32 unless a line says
// otherwise.  An output never overlaps an input unless "in place" is said to be allowed, and is overwritten, never added to.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "math/activation.h"
#include "math/dropout.h"
#include "math/game.h"
#include "math/optimizer.h"
#include "math/philox.h"
#include "tensor/tensor.h"

namespace fgan {

class Queue;

enum class Role : std::uint8_t { reference, real, fake };
struct RowGroup {
  std::int64_t first, count;
  Role role;
};  // rows first .. first + count of a batch
using Groups = std::span<const RowGroup>;

// Groups one after another: `reference` rows of a reference, left out when there are none, then `rows` rows in each role.
inline std::vector<RowGroup> behind_reference(std::int64_t reference, std::int64_t rows, std::initializer_list<Role> roles) {
  std::vector<RowGroup> groups;
  if (reference > 0) groups.push_back({0, reference, Role::reference});
  for (const Role role : roles) groups.push_back({groups.empty() ? 0 : groups.back().first + groups.back().count, rows, role});
  return groups;
}

// y[n,p,q,o] = sum_{i,j,c} x[n, p*stride + i - padding, q*stride + j - padding, c] * filter[o,i,j,c]
struct ConvSpec {
  int kernel = 4, stride = 2, padding = 1;
  bool operator==(const ConvSpec&) const = default;
};

enum class ConvPass : std::uint8_t { forward, grad_input, grad_filter };

// y = activation(gain * (x - mean) / sqrt(variance + epsilon) + bias), per channel.
//   batch: mean and (biased) variance of each row group over its rows, h and w;
//   given: mean and variance are read from `moments` (one group), e.g. those of a calibration batch;
//   none: mean 0, variance 1 - epsilon, that is y = activation(gain * x + bias);
//   reference: all rows by the moments (m_r, v_r) of the reference group, over its n rows, h and w;
//   virtual_batch (Salimans et al. 2016): the reference group by its own moments; every other row by those of the reference group and
//   itself together, that is with its own moments (m, v) over h and w, w_r = n / (n + 1) and w = 1 / (n + 1):
//     mean = w_r m_r + w m,   variance = w_r v_r + w v + w_r w (m_r - m)^2.
// For the last two the first group, and no other, has the role reference.
enum class Statistics : std::uint8_t { none, batch, given, reference, virtual_batch };
inline bool uses_reference(Statistics s) { return s == Statistics::reference || s == Statistics::virtual_batch; }
inline bool measures_rows(Statistics s) { return s == Statistics::batch || uses_reference(s); }
inline bool begins_with_reference(Groups groups) {
  return !groups.empty() && groups[0].role == Role::reference && groups[0].first == 0 && groups[0].count > 0;
}

struct NormSpec {
  Statistics statistics = Statistics::batch;
  math::ActivationSpec activation{};
  float epsilon = 1e-5f;
  bool reference_gradient = true;  // false: m_r and v_r are constants to normalize_grad, for the reference rows too
};

// What the game op reports about one batch, in this order (f32).  bound is E_P[T] - E_Q[F] without smoothing terms: a lower bound of
// the divergence whatever the critic; objective is what the critic ascends (equal to bound without smoothing).
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

// What a recording counts by itself, i64 each in device memory: updates done; updates left out because the gradient was not finite;
// updates done with a gradient that was clipped.
enum class OptimizerCounter : int { updates, skipped, clipped, count = 4 };

// Flat blocks of one network, all of the same length.  second may be null for sgd, average null without EMA.
struct OptimizerBlocks {
  Tensor weights, gradient, first, second, average;
};

class Ops {
 public:
  virtual ~Ops() = default;

  // Before recording: builds what conv needs for these shapes (plans, scratch).  An op that was not prepared throws.
  virtual void prepare_conv(const ConvSpec&, ConvPass, const Shape& x, const Shape& filter, const Shape& y) = 0;
  virtual void conv(Queue&, const ConvSpec&, In x, In filter, Out y) = 0;
  virtual void conv_grad_input(Queue&, const ConvSpec&, In dy, In filter, Out dx) = 0;  // also: transposed convolution forward
  virtual void conv_grad_filter(Queue&, const ConvSpec&, In x, In dy, Out dfilter) = 0;

  // Dense layers on flattened rows: x [n, in], weight [out, in] (PyTorch's layout), y [n, out].
  virtual void prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) = 0;
  virtual void linear(Queue&, In x, In weight, Out y) = 0;                // y = x weight'
  virtual void linear_grad_input(Queue&, In dy, In weight, Out dx) = 0;   // dx = dy weight
  virtual void linear_grad_weight(Queue&, In x, In dy, Out dweight) = 0;  // dweight = dy' x

  // y = activation(x + bias[c]); bias may be null (no bias).  In place allowed (y over x).
  virtual void bias_act(Queue&, const math::ActivationSpec&, In x, In bias, Out y) = 0;
  // dx = dy * activation'(.) read off the output y; dbias[c] = sum dx over n,h,w; dbias may be null.  In place allowed (dx over dy).
  virtual void bias_act_grad(Queue&, const math::ActivationSpec&, In y, In dy, Out dx, Out dbias) = 0;

  // moments: [sets, 2, c]: mean and biased variance.  batch: one set for each group, written; given: one, read; none: unused;
  // reference: one, written; virtual_batch: the reference group's, then one for each other row by itself, written.
  // gain, bias: [c].  In place allowed only for given and none.
  virtual void normalize(Queue&, const NormSpec&, Groups, In x, In gain, In bias, Out y, Out moments) = 0;
  // Gradient of normalize, through mean and variance; not for given.  dy is of y, x, y and moments as forward left them.
  // dgain, dbias: sums over all groups; both may be null together; dx may be null.  In place allowed (dx over dy).
  virtual void normalize_grad(Queue&, const NormSpec&, Groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain, Out dbias) = 0;

  // v: [n] critic outputs, n = rows of all groups.  Roles real and fake take part; means are over the rows of a role.
  //   dcritic (may be null): gradient by v of the objective the critic ascends, smoothing included; 0 on reference rows.
  //   dgenerator (may be null): gradient by v of what the generator descends, for fake rows; 0 elsewhere.
  //   statistics: f32[GameStat::count], whatever gradients are asked for; with fake rows only, the entries that need real rows are 0.
  //   capped: i64[1], increased by the number of capped rows of this call.
  virtual void game(Queue&, const math::GameSpec&, Groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) = 0;

  // One optimiser update over flat blocks.  When the squared norm of the (clipped) gradient does not fit in f32 nothing but
  // counters[skipped] changes; otherwise weights, moments and average are updated and counters[updates] increased.  counters:
  // i64[OptimizerCounter::count].
  virtual void optimizer_step(Queue&, const math::OptimizerSpec&, const OptimizerBlocks&, Out counters) = 0;

  // Latent noise as a function of (seed, purpose, counter[0], row, element): y[row, e], standard normal or uniform on (-1, 1).
  enum class Noise : std::uint8_t { normal, uniform };
  virtual void noise(Queue&, Noise, std::uint64_t seed, math::Purpose, In counter, Out y) = 0;

  // y[row, e] = x[row, e] * factor, the factor being 0 or 1 / (1 - rate): math/dropout.h at step counter[0], row spec.first_row + row and
  // element spec.first_element + e.  The same call with dy for x gives dx.  In place allowed.
  virtual void dropout(Queue&, const math::DropoutSpec&, In counter, In x, Out y) = 0;

  // y = scale * pixel + shift; pixels are u8.  And back: pixels = round((x - shift) / scale) clamped to 0..255.
  virtual void pixels_in(Queue&, In pixels, float scale, float shift, Out y) = 0;
  virtual void pixels_out(Queue&, In x, float scale, float shift, Out pixels) = 0;

  virtual void copy(Queue&, In x, Out y) = 0;                                 // equal sizes and types
  virtual void add_to_counter(Queue&, std::int64_t amount, Out counter) = 0;  // i64[1]
};

}  // namespace fgan
