// Cases of convolutions and dense layers: the layers that are used (DCGAN at 28, 32 and 64, the MLP), small batches, and odd ones.
#include "base/format.h"
#include "conformance/op_cases.h"

namespace fgan::conformance {
namespace {

struct Layer {
  Shape x;
  std::int64_t out;
  ConvSpec spec;
  Shape filter() const { return {out, spec.kernel, spec.kernel, x.c}; }
  Shape y() const {
    const auto side = [&](std::int64_t s) { return (s + 2 * spec.padding - spec.kernel) / spec.stride + 1; };
    return {x.n, side(x.h), side(x.w), out};
  }
  std::int64_t windows() const { return out * spec.kernel * spec.kernel; }  // at most so many hold a pixel
  std::string name() const {
    return format("{} kernel {} stride {} padding {} to {}", to_string(x), spec.kernel, spec.stride, spec.padding, to_string(y()));
  }
};

std::vector<Layer> layers() {
  const ConvSpec half{4, 2, 1}, same{3, 1, 1}, odd{3, 2, 1}, wide{5, 2, 2}, point{1, 1, 0};
  return {
      {{2, 64, 64, 3}, 64, half},     {{2, 32, 32, 64}, 32, half},    {{3, 16, 16, 32}, 64, half},     {{2, 8, 8, 64}, 128, half},
      {{2, 32, 32, 3}, 16, half},     {{2, 28, 28, 1}, 64, half},     {{3, 14, 14, 64}, 33, half},     {{5, 32, 32, 1}, 8, half},
      {{3, 4, 4, 128}, 1, {4, 1, 0}}, {{3, 7, 7, 33}, 1, {7, 1, 0}},  {{5, 4, 4, 64}, 100, {4, 1, 0}}, {{2, 7, 7, 32}, 31, {7, 1, 0}},
      {{1, 9, 7, 3}, 5, half},        {{1, 5, 5, 1}, 1, same},        {{2, 7, 9, 31}, 33, same},       {{2, 9, 9, 3}, 31, odd},
      {{1, 11, 8, 1}, 257, odd},      {{2, 11, 11, 4}, 6, wide},      {{1, 6, 6, 257}, 3, point},      {{3, 1, 1, 31}, 33, point},
      {{1, 7, 7, 3}, 4, {3, 2, 0}},   {{2, 10, 10, 9}, 8, {4, 3, 1}}, {{1, 4, 6, 2}, 3, {4, 1, 0}},    {{130, 4, 4, 512}, 8, half},
  };
}

struct Dense {
  std::int64_t rows, in, out;
};

// A filter or weight whose sums of `length` products are about as large as 1, where activations bend.
Operand weights_of(Shape s, std::int64_t length) {
  const double most = 3 / std::sqrt(static_cast<double>(length));
  return typed(between(s, -most, most));
}

// The activated sum; where the sum itself is rounded before, it is at most four deviations.
Operand activated(Shape s, std::int64_t length) {
  Operand o = typed(result(s, static_cast<double>(length) + 4, 2));
  o.inside = 4;
  return o;
}

Operand gradient_of_filter(const Layer& l) {
  const Operand o = sum_of_products(l.filter(), l.y().pixels());
  return is_dense(l.spec, l.x, l.y()) ? o : typed(o);
}

Operand typed_or_f32(Operand o, bool free) {
  o.typed = free ? Typed::alike_or_f32 : Typed::alike;
  return o;
}

struct NamedEpilogue {
  math::ActivationSpec activation{};
  bool bias = false;
  explicit operator bool() const { return bias || activation.kind != math::Activation::none; }
  std::string name() const { return format(", {}{}", name_of(activation.kind), bias ? " of sum and bias" : ""); }
};

std::vector<NamedEpilogue> epilogues() {
  std::vector<NamedEpilogue> all;
  for (const auto kind : {math::Activation::none, math::Activation::relu, math::Activation::leaky_relu, math::Activation::elu,
                          math::Activation::tanh, math::Activation::sigmoid})
    for (const bool bias : {false, true})
      if (bias || kind != math::Activation::none) all.push_back({{kind, 0.2f}, bias});
  return all;
}

struct PassOfLayer {
  const char* name;
  ConvPass pass;
  Operand first, second, last;
};

void add_conv(std::vector<OpCase>& cases, const Layer& l, const PassOfLayer& p, const NamedEpilogue& e) {
  const Shape x = l.x, f = l.filter(), y = l.y();
  const ConvSpec spec = l.spec;
  const ConvPass pass = p.pass;
  const Operand bias = e.bias ? row(p.last.shape.c) : absent();
  cases.push_back({"conv",
                   format("{} of {}{}", p.name, l.name(), e ? e.name() : ""),
                   {p.first, p.second, p.last, bias},
                   [=](Ops& ops, DType type) {
                     ops.prepare_conv({spec, pass, x, f, y, type, e.activation, e.bias});
                   },
                   [=](Ops& ops, Queue& q, const Tensors& t) {
                     const Epilogue epilogue{e.activation, t[3]};
                     if (pass == ConvPass::forward) ops.conv(q, spec, t[0], t[1], epilogue, t[2]);
                     else if (pass == ConvPass::grad_input) ops.conv_grad_input(q, spec, t[0], t[1], epilogue, t[2]);
                     else ops.conv_grad_filter(q, spec, t[0], t[1], t[2]);
                   }});
}

}  // namespace

std::vector<OpCase> conv_cases() {
  std::vector<OpCase> cases;
  for (const Layer& l : layers()) {
    const Shape x = l.x, f = l.filter(), y = l.y();
    const auto out = [&](const Operand& o) { return typed_or_f32(o, is_dense(l.spec, x, y)); };
    add_conv(cases, l, {"forward", ConvPass::forward, typed(input(x)), typed(input(f)), out(sum_of_products(y, f.example()))}, {});
    add_conv(cases, l, {"grad_input", ConvPass::grad_input, out(input(y)), typed(input(f)), typed(sum_of_products(x, l.windows()))}, {});
    add_conv(cases, l, {"grad_filter", ConvPass::grad_filter, typed(input(x)), out(input(y)), gradient_of_filter(l)}, {});
  }
  const ConvSpec half{4, 2, 1};
  for (const Layer& l : {Layer{{2, 16, 16, 3}, 16, half}, Layer{{3, 14, 14, 32}, 33, half}, Layer{{5, 4, 4, 64}, 10, {4, 1, 0}}})
    for (const NamedEpilogue& e : epilogues()) {
      const Shape x = l.x, f = l.filter(), y = l.y();
      const bool dense = is_dense(l.spec, x, y);
      add_conv(cases, l,
               {"forward", ConvPass::forward, typed(input(x)), weights_of(f, f.example()), typed_or_f32(activated(y, f.example()), dense)},
               e);
      add_conv(cases, l, {"grad_input", ConvPass::grad_input, typed(input(y)), weights_of(f, l.windows()), activated(x, l.windows())}, e);
    }
  return cases;
}

namespace {

struct PassOfDense {
  const char* name;
  Operand first, second, last;
  std::function<void(Ops&, Queue&, const Tensors&)> call;
};

void add_linear(std::vector<OpCase>& cases, const Dense& d, const PassOfDense& p) {
  cases.push_back({"linear",
                   format("{} of {} rows from {} to {}", p.name, d.rows, d.in, d.out),
                   {p.first, p.second, p.last},
                   [=](Ops& ops, DType) { ops.prepare_linear(d.rows, d.in, d.out); },
                   p.call});
}

void add_activated_linear(std::vector<OpCase>& cases, const Dense& d, const NamedEpilogue& e) {
  const Shape x{d.rows, 1, 1, d.in}, w{d.out, 1, 1, d.in}, y{d.rows, 1, 1, d.out};
  cases.push_back({"linear",
                   format("forward of {} rows from {} to {}{}", d.rows, d.in, d.out, e.name()),
                   {typed(input(x)), weights_of(w, d.in), typed_or_f32(activated(y, d.in), true), e.bias ? row(d.out) : absent()},
                   [=](Ops& ops, DType) { ops.prepare_linear(d.rows, d.in, d.out); },
                   [=](Ops& ops, Queue& q, const Tensors& t) {
                     ops.linear(q, t[0], t[1], {e.activation, t[3]}, t[2]);
                   }});
}

}  // namespace

std::vector<OpCase> linear_cases() {
  const std::vector<Dense> sizes{{1, 1, 1},     {3, 31, 33},   {33, 257, 3},  {64, 100, 120}, {64, 120, 120}, {64, 784, 24},
                                 {31, 240, 1},  {257, 2, 64},  {128, 64, 64}, {1, 257, 257},  {5, 1, 31},     {2, 3, 1},
                                 {96, 512, 10}, {9, 1200, 40}, {5, 1041, 3}};  // 19 and 17 blocks of 64: onednn.cpp
  std::vector<OpCase> cases;
  for (const Dense& d : sizes) {
    const Shape x{d.rows, 1, 1, d.in}, w{d.out, 1, 1, d.in}, y{d.rows, 1, 1, d.out};
    const auto out = [](const Operand& o) { return typed_or_f32(o, true); };
    add_linear(cases, d,
               {"forward", typed(input(x)), typed(input(w)), out(sum_of_products(y, d.in)),
                [](Ops& ops, Queue& q, const Tensors& t) { ops.linear(q, t[0], t[1], {}, t[2]); }});
    add_linear(cases, d,
               {"grad_input", out(input(y)), typed(input(w)), typed(sum_of_products(x, d.out)),
                [](Ops& ops, Queue& q, const Tensors& t) { ops.linear_grad_input(q, t[0], t[1], t[2]); }});
    add_linear(cases, d,
               {"grad_weight", typed(input(x)), out(input(y)), sum_of_products(w, d.rows),
                [](Ops& ops, Queue& q, const Tensors& t) { ops.linear_grad_weight(q, t[0], t[1], t[2]); }});
  }
  for (const Dense& d : {Dense{33, 257, 3}, Dense{64, 100, 120}, Dense{31, 240, 1}})
    for (const NamedEpilogue& e : epilogues()) add_activated_linear(cases, d, e);
  // Images in and out of a dense layer are flattened rows.
  cases.push_back({"linear",
                   "forward from 3x4x4x2 to 3x2x2x5",
                   {typed(input({3, 4, 4, 2})), typed(input({20, 1, 1, 32})), typed(sum_of_products({3, 2, 2, 5}, 32))},
                   [](Ops& ops, DType) { ops.prepare_linear(3, 32, 20); },
                   [](Ops& ops, Queue& q, const Tensors& t) { ops.linear(q, t[0], t[1], {}, t[2]); }});
  return cases;
}

}  // namespace fgan::conformance
