// The operations every back end provides: few and coarse.  All of them only enqueue.  Tensors are N,H,W,C, f32 unless a line says
// otherwise; those marked [t] may be bf16 instead, all of one call together, where device.activations() says so: then sums, statistics and
// what is computed between reading and writing are f32.  An output never overlaps an input unless "in place" is said to be allowed, and is
// overwritten, never added to.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "math/activation.h"
#include "math/dropout.h"
#include "math/game.h"
#include "math/game_statistics.h"
#include "math/normalization.h"
#include "math/optimizer.h"
#include "math/philox.h"
#include "math/pixels.h"
#include "math/rows.h"
#include "tensor/tensor.h"

namespace fgan {

class Queue;

using math::Role, math::RowGroup;
using Groups = std::span<const RowGroup>;

// The same elements a row, in whatever shape.
inline bool same_rows(const Shape& a, const Shape& b) { return a.n == b.n && a.example() == b.example(); }

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
inline bool fits(const ConvSpec& spec, const Shape& x, const Shape& filter, const Shape& y) {
  const auto side = [&](std::int64_t s) { return (s + 2 * spec.padding - spec.kernel) / spec.stride + 1; };
  return filter == Shape{y.c, spec.kernel, spec.kernel, x.c} && y.n == x.n && y.h == side(x.h) && y.w == side(x.w);
}
// One output pixel whose window is the whole input (a critic's head, a generator's projection): a matrix product.
inline bool is_dense(const ConvSpec& spec, const Shape& x, const Shape& y) {
  return y.h == 1 && y.w == 1 && spec.padding == 0 && x.h == spec.kernel && x.w == spec.kernel;
}

enum class ConvPass : std::uint8_t { forward, grad_input, grad_filter };

// What a product does to its result on the way out: y = activation(sum + bias[c]); bias may be null (no bias).
struct Epilogue {
  math::ActivationSpec activation{};
  Tensor bias{};
  explicit operator bool() const { return bias || activation.kind != math::Activation::none; }
};

// One convolution of a step, as it is told to prepare_conv.  x, filter and y are those of the forward direction in every pass.
struct ConvJob {
  ConvSpec spec;
  ConvPass pass = ConvPass::forward;
  Shape x{}, filter{}, y{};
  DType dtype = DType::f32;           // of all operands marked [t]
  math::ActivationSpec activation{};  // of the epilogue
  bool bias = false;                  // the epilogue has one
  bool operator==(const ConvJob&) const = default;
};

using math::NormSpec, math::Statistics;
inline bool uses_reference(Statistics s) { return s == Statistics::reference || s == Statistics::virtual_batch; }
inline bool measures_rows(Statistics s) { return s == Statistics::batch || uses_reference(s); }
inline bool begins_with_reference(Groups groups) {
  return !groups.empty() && groups[0].role == Role::reference && groups[0].first == 0 && groups[0].count > 0;
}

using math::GameStat, math::OptimizerCounter;

// Elements first .. end of a flat block.
struct Slice {
  std::int64_t first, end;
};

// Flat blocks of one network, all of the same length.  second may be null for sgd, average null without EMA.
struct OptimizerBlocks {
  Tensor weights, gradient, first, second, average;
  Tensor rounded{};                            // bf16: a copy of the weights, written with them; null where nothing computes in bf16
  std::span<const Slice> rounded_gradients{};  // slices of the gradient that are bf16, from where their f32 would begin; multiples of 4
};

class Ops {
 public:
  virtual ~Ops() = default;

  // Before recording: builds what conv needs for these shapes (plans, scratch).  An op that was not prepared throws.  x [t], filter [t],
  // y [t], dy [t], dx [t], dfilter [t].  Where the convolution is a dense layer (filter as large as the image, no padding) y and dy
  // may be f32 beside bf16, and dfilter is f32.
  virtual void prepare_conv(const ConvJob&) = 0;
  virtual void conv(Queue&, const ConvSpec&, In x, In filter, const Epilogue&, Out y) = 0;
  virtual void conv_grad_input(Queue&, const ConvSpec&, In dy, In filter, const Epilogue&, Out dx) = 0;  // transposed convolution forward
  virtual void conv_grad_filter(Queue&, const ConvSpec&, In x, In dy, Out dfilter) = 0;

  // Dense layers on flattened rows: x [n, in], weight [out, in] (PyTorch's layout), y [n, out].  x [t], weight [t], dx [t]; y and dy are
  // as these, or f32; dweight is f32.
  virtual void prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) = 0;
  virtual void linear(Queue&, In x, In weight, const Epilogue&, Out y) = 0;  // y = activation(x weight' + bias)
  virtual void linear_grad_input(Queue&, In dy, In weight, Out dx) = 0;      // dx = dy weight
  virtual void linear_grad_weight(Queue&, In x, In dy, Out dweight) = 0;     // dweight = dy' x

  // Before recording: scratch for bias_act_grad, normalize and normalize_grad of tensors like x.
  virtual void prepare_channels(const Shape& x) = 0;

  // y = activation(x + bias[c]); bias may be null (no bias).  x [t], y [t].  In place allowed (y over x).
  virtual void bias_act(Queue&, const math::ActivationSpec&, In x, In bias, Out y) = 0;
  // dx = dy * activation'(.) read off the output y; dbias[c] = sum dx over n,h,w; dbias may be null.  y [t], dy [t], dx [t].  In place
  // allowed (dx over dy).
  virtual void bias_act_grad(Queue&, const math::ActivationSpec&, In y, In dy, Out dx, Out dbias) = 0;

  // moments: [sets, 2, c]: mean and biased variance.  batch: one set for each group, written; given: one, read; none: unused;
  // reference: one, written; virtual_batch: the reference group's, then one for each other row by itself, written.
  // gain, bias: [c].  x [t], y [t].  In place allowed only for given and none.
  virtual void normalize(Queue&, const NormSpec&, Groups, In x, In gain, In bias, Out y, Out moments) = 0;
  // Gradient of normalize, through mean and variance; not for given.  dy is of y, x, y and moments as forward left them: all [t] but the
  // last. dgain, dbias: sums over all groups; both may be null together; dx may be null.  In place allowed (dx over dy).
  virtual void normalize_grad(Queue&, const NormSpec&, Groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain, Out dbias) = 0;

  // v: [n] critic outputs, n = rows of all groups.  Roles real and fake take part; means are over the rows of a role.
  //   dcritic (may be null): gradient by v of the objective the critic ascends, smoothing included; 0 on reference rows.
  //   dgenerator (may be null): gradient by v of what the generator descends, for fake rows; 0 elsewhere.
  //   statistics: f32[GameStat::count], whatever gradients are asked for; with fake rows only, the entries that need real rows are 0.
  //   capped: i64[1], increased by the number of capped rows of this call.
  virtual void game(Queue&, const math::GameSpec&, Groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) = 0;

  // One optimiser update over flat blocks.  When the squared norm of the (clipped) gradient does not fit in f32 nothing but
  // counters[skipped] and [skipped_in_a_row] changes; otherwise weights, moments and average are updated, counters[updates] increased and
  // [skipped_in_a_row] set to 0.  counters: i64[OptimizerCounter::count].
  virtual void optimizer_step(Queue&, const math::OptimizerSpec&, const OptimizerBlocks&, Out counters) = 0;

  // Latent noise as a function of (seed, purpose, counter[0], row, element): y[row, e], standard normal or uniform on (-1, 1).  y [t].
  // Then counter[0] += advance.
  enum class Noise : std::uint8_t { normal, uniform };
  virtual void noise(Queue&, Noise, std::uint64_t seed, math::Purpose, Out counter, std::int64_t advance, Out y) = 0;

  // y[row, e] = x[row, e] * factor, the factor being 0 or 1 / (1 - rate): math/dropout.h at step counter[0], row spec.first_row + row and
  // element spec.first_element + e.  The same call with dy for x gives dx.  x [t], y [t].  In place allowed.
  virtual void dropout(Queue&, const math::DropoutSpec&, In counter, In x, Out y) = 0;

  // Bytes to numbers, and numbers to bytes: math/pixels.h.  Pixels are u8, of the shape of images; y [t] and x [t] have as many elements a
  // row, in any shape.  Each row is augmented at step counter[0]; without augmentation counter may be null.
  virtual void pixels_in(Queue&, const math::PixelRange&, const math::Augmentation&, In counter, In pixels, Out y) = 0;
  virtual void pixels_out(Queue&, const math::PixelRange&, In x, Out pixels) = 0;

  virtual void copy(Queue&, In x, Out y) = 0;  // as many elements; types equal, or one f32 and one bf16
};

}  // namespace fgan
