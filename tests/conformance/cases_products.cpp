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
      {{1, 7, 7, 3}, 4, {3, 2, 0}},   {{2, 10, 10, 9}, 8, {4, 3, 1}}, {{1, 4, 6, 2}, 3, {4, 1, 0}},
  };
}

struct Dense {
  std::int64_t rows, in, out;
};

}  // namespace

std::vector<OpCase> conv_cases() {
  std::vector<OpCase> cases;
  for (const Layer& l : layers()) {
    const Shape x = l.x, f = l.filter(), y = l.y();
    const ConvSpec spec = l.spec;
    const auto add = [&](const char* pass_name, ConvPass pass, Operand first, Operand second, Operand last, auto call) {
      cases.push_back({"conv",
                       format("{} of {}", pass_name, l.name()),
                       {first, second, last},
                       [=](Ops& ops) {
                         ops.prepare_conv({spec, pass, x, f, y});
                       },
                       call});
    };
    add("forward", ConvPass::forward, input(x), input(f), sum_of_products(y, f.example()),
        [=](Ops& ops, Queue& q, const Tensors& t) { ops.conv(q, spec, t[0], t[1], {}, t[2]); });
    const std::int64_t windows = y.c * spec.kernel * spec.kernel;  // at most so many windows hold a pixel
    add("grad_input", ConvPass::grad_input, input(y), input(f), sum_of_products(x, windows),
        [=](Ops& ops, Queue& q, const Tensors& t) { ops.conv_grad_input(q, spec, t[0], t[1], {}, t[2]); });
    add("grad_filter", ConvPass::grad_filter, input(x), input(y), sum_of_products(f, y.pixels()),
        [=](Ops& ops, Queue& q, const Tensors& t) { ops.conv_grad_filter(q, spec, t[0], t[1], t[2]); });
  }
  return cases;
}

std::vector<OpCase> linear_cases() {
  const std::vector<Dense> sizes{{1, 1, 1},    {3, 31, 33},   {33, 257, 3},  {64, 100, 120}, {64, 120, 120}, {64, 784, 24}, {31, 240, 1},
                                 {257, 2, 64}, {128, 64, 64}, {1, 257, 257}, {5, 1, 31},     {2, 3, 1},      {96, 512, 10}};
  std::vector<OpCase> cases;
  for (const Dense& d : sizes) {
    const Shape x{d.rows, 1, 1, d.in}, w{d.out, 1, 1, d.in}, y{d.rows, 1, 1, d.out};
    const auto add = [&](const char* pass, Operand first, Operand second, Operand last, auto call) {
      cases.push_back({"linear",
                       format("{} of {} rows from {} to {}", pass, d.rows, d.in, d.out),
                       {first, second, last},
                       [=](Ops& ops) { ops.prepare_linear(d.rows, d.in, d.out); },
                       call});
    };
    add("forward", input(x), input(w), sum_of_products(y, d.in),
        [](Ops& ops, Queue& q, const Tensors& t) { ops.linear(q, t[0], t[1], {}, t[2]); });
    add("grad_input", input(y), input(w), sum_of_products(x, d.out),
        [](Ops& ops, Queue& q, const Tensors& t) { ops.linear_grad_input(q, t[0], t[1], t[2]); });
    add("grad_weight", input(x), input(y), sum_of_products(w, d.rows),
        [](Ops& ops, Queue& q, const Tensors& t) { ops.linear_grad_weight(q, t[0], t[1], t[2]); });
  }
  // Images in and out of a dense layer are flattened rows.
  cases.push_back({"linear",
                   "forward from 3x4x4x2 to 3x2x2x5",
                   {input({3, 4, 4, 2}), input({20, 1, 1, 32}), sum_of_products({3, 2, 2, 5}, 32)},
                   [](Ops& ops) { ops.prepare_linear(3, 32, 20); },
                   [](Ops& ops, Queue& q, const Tensors& t) { ops.linear(q, t[0], t[1], {}, t[2]); }});
  return cases;
}

}  // namespace fgan::conformance
