// Gradient cases: every gradient op with the forward op it belongs to.  Inputs keep away from kinks.
#include "base/format.h"
#include "conformance/op_cases.h"

namespace fgan::conformance {
namespace {

using Cases = std::vector<GradientCase>;

void add_conv(Cases& cases, const Shape& x, std::int64_t out, const ConvSpec& spec) {
  const auto side = [&](std::int64_t s) { return (s + 2 * spec.padding - spec.kernel) / spec.stride + 1; };
  const Shape f{out, spec.kernel, spec.kernel, x.c}, y{x.n, side(x.h), side(x.w), out};
  cases.push_back({"conv",
                   format("{} kernel {} stride {} padding {} to {}", to_string(x), spec.kernel, spec.stride, spec.padding, to_string(y)),
                   {input(x), input(f)},
                   y,
                   {true, true},
                   [=](Ops& ops, Queue& q, const Tensors& t, Out to) { ops.conv(q, spec, t[0], t[1], {}, to); },
                   [=](Ops& ops, Queue& q, const Tensors& t, In, In dy, const Tensors& g) {
                     ops.conv_grad_input(q, spec, dy, t[1], {}, g[0]);
                     ops.conv_grad_filter(q, spec, t[0], dy, g[1]);
                   }});
}

void add_linear(Cases& cases, std::int64_t rows, std::int64_t in, std::int64_t out) {
  cases.push_back({"linear",
                   format("{} rows from {} to {}", rows, in, out),
                   {input({rows, 1, 1, in}), input({out, 1, 1, in})},
                   {rows, 1, 1, out},
                   {true, true},
                   [](Ops& ops, Queue& q, const Tensors& t, Out to) { ops.linear(q, t[0], t[1], {}, to); },
                   [](Ops& ops, Queue& q, const Tensors& t, In, In dy, const Tensors& g) {
                     ops.linear_grad_input(q, dy, t[1], g[0]);
                     ops.linear_grad_weight(q, t[0], dy, g[1]);
                   }});
}

void add_bias_act(Cases& cases, const Shape& s, math::ActivationSpec a) {
  const Operand x{.shape = s, .fill = {Fill::away_from_zero, 0.3, 1}};
  cases.push_back({"bias_act",
                   format("{} of {}", name_of(a.kind), to_string(s)),
                   {x, between({1, 1, 1, s.c}, -0.2, 0.2)},
                   s,
                   {true, true},
                   [=](Ops& ops, Queue& q, const Tensors& t, Out to) { ops.bias_act(q, a, t[0], t[1], to); },
                   [=](Ops& ops, Queue& q, const Tensors&, In y, In dy, const Tensors& g) { ops.bias_act_grad(q, a, y, dy, g[0], g[1]); }});
}

void add_dropout(Cases& cases, const Shape& s, float rate) {
  const math::DropoutSpec spec{.rate = rate, .seed = 3, .first_row = 7};
  const Operand step{.shape = {}, .fill = {Fill::constant, 5}, .dtype = DType::i64};
  cases.push_back({"dropout",
                   format("{} at rate {}", to_string(s), rate),
                   {input(s), step},
                   s,
                   {true, false},
                   [=](Ops& ops, Queue& q, const Tensors& t, Out to) { ops.dropout(q, spec, t[1], t[0], to); },
                   [=](Ops& ops, Queue& q, const Tensors& t, In, In dy, const Tensors& g) { ops.dropout(q, spec, t[1], dy, g[0]); }});
}

// The moments are an operand that the forward call writes (batch); not differentiated by.
void add_normalize(Cases& cases, const Shape& s, Statistics statistics, math::Activation kind, std::vector<RowGroup> groups) {
  constexpr const char* names[] = {"none", "batch", "given", "reference", "virtual batch"};
  const NormSpec spec{statistics, {kind, 1.0f}, 1e-3f};                                                 // elu with slope 1: smooth once
  const Operand moments = input({std::max(s.n, static_cast<std::int64_t>(groups.size())), 2, 1, s.c});  // at least
  cases.push_back({"normalize",
                   format("{} of {} in {} groups, {}", names[static_cast<int>(statistics)], to_string(s), groups.size(), name_of(kind)),
                   {input(s), between({1, 1, 1, s.c}, 0.5, 1.5), row(s.c), moments},
                   s,
                   {true, true, true, false},
                   [=](Ops& ops, Queue& q, const Tensors& t, Out to) { ops.normalize(q, spec, groups, t[0], t[1], t[2], to, t[3]); },
                   [=](Ops& ops, Queue& q, const Tensors& t, In y, In dy, const Tensors& g) {
                     ops.normalize_grad(q, spec, groups, t[0], y, dy, t[1], t[3], g[0], g[1], g[2]);
                   }});
}

// y: the objective of one player, read from the statistics; v is differentiated by on rows of both roles.
void add_game(Cases& cases, const std::string& name, const math::GameSpec& spec, bool critic) {
  const std::vector<RowGroup> groups{{0, 9, Role::real}, {9, 7, Role::fake}};
  const Shape all{1, 1, 1, static_cast<std::int64_t>(GameStat::count)};
  const auto stat = static_cast<std::int64_t>(critic ? GameStat::objective : GameStat::generator_objective);
  const Operand counter{.shape = {}, .fill = {Fill::constant, 0}, .dtype = DType::i64};
  // v on one side of 0, where total variation jumps
  cases.push_back({"game",
                   format("{} of {}", critic ? "critic" : "generator", name),
                   {between({16, 1, 1, 1}, 0.1, 0.9), input(all), counter},
                   {},
                   {true, false, false},
                   [=](Ops& ops, Queue& q, const Tensors& t, Out to) {
                     ops.game(q, spec, groups, t[0], {}, {}, t[1], t[2]);
                     ops.copy(q, Tensor{static_cast<float*>(t[1].data) + stat, {}, DType::f32}, to);
                   },
                   [=](Ops& ops, Queue& q, const Tensors& t, In, In, const Tensors& g) {  // dy is taken to be 1
                     ops.game(q, spec, groups, t[0], critic ? g[0] : Tensor{}, critic ? Tensor{} : g[0], t[1], t[2]);
                   }});
}

}  // namespace

std::vector<GradientCase> gradient_cases() {
  Cases cases;
  add_conv(cases, {2, 8, 8, 3}, 5, {4, 2, 1});
  add_conv(cases, {1, 9, 7, 2}, 3, {3, 2, 1});
  add_conv(cases, {3, 4, 4, 6}, 1, {4, 1, 0});
  add_conv(cases, {2, 5, 5, 1}, 4, {3, 1, 1});
  add_conv(cases, {2, 10, 10, 2}, 3, {4, 3, 1});
  add_linear(cases, 3, 31, 33);
  add_linear(cases, 7, 5, 1);
  for (math::Activation kind : {math::Activation::none, math::Activation::relu, math::Activation::leaky_relu, math::Activation::elu,
                                math::Activation::tanh, math::Activation::sigmoid}) {
    add_bias_act(cases, {2, 3, 3, 3}, {kind, 0.2f});
    add_bias_act(cases, {33, 1, 1, 31}, {kind, 0.2f});
  }
  for (const float rate : {0.3f, 0.8f}) {
    add_dropout(cases, {3, 3, 3, 5}, rate);
    add_dropout(cases, {33, 1, 1, 31}, rate);
  }
  for (math::Activation kind : {math::Activation::none, math::Activation::tanh, math::Activation::sigmoid, math::Activation::elu}) {
    add_normalize(cases, {6, 3, 3, 3}, Statistics::batch, kind, {{0, 6, Role::real}});
    add_normalize(cases, {12, 2, 2, 5}, Statistics::batch, kind, {{0, 3, Role::reference}, {3, 5, Role::real}, {8, 4, Role::fake}});
    add_normalize(cases, {33, 1, 1, 1}, Statistics::batch, kind, {{0, 16, Role::real}, {16, 17, Role::fake}});
    add_normalize(cases, {6, 3, 3, 3}, Statistics::none, kind, {{0, 6, Role::fake}});
    for (const Statistics statistics : {Statistics::reference, Statistics::virtual_batch}) {
      add_normalize(cases, {12, 2, 2, 5}, statistics, kind, {{0, 3, Role::reference}, {3, 5, Role::real}, {8, 4, Role::fake}});
      add_normalize(cases, {7, 3, 3, 3}, statistics, kind, {{0, 6, Role::reference}, {6, 1, Role::fake}});
      add_normalize(cases, {33, 1, 1, 1}, statistics, kind, {{0, 16, Role::reference}, {16, 17, Role::fake}});
    }
  }
  for (const auto& [name, spec] : games())
    for (bool critic : {true, false}) add_game(cases, name, spec, critic);
  return cases;
}

}  // namespace fgan::conformance
