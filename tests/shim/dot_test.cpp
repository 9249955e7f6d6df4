// Dense layers with one output: the kernels under the shim against the oracle.
#include "kernels/dot.h"

#include <doctest/doctest.h>

#include "device/naive/device.h"
#include "device/ops.h"
#include "shim/guarded.h"
#include "shim/orders.h"

using namespace fgan;
using namespace fgan::test;

namespace {

struct Size {
  std::int64_t rows, width;
};
// Narrower than a pack and as wide as a critic's head; rows of one share and of several; more rows than a grid has blocks.
const Size kSizes[] = {{1, 1}, {3, 31}, {31, 240}, {6, 8192}, {257, 33}, {300, 64}, {2115, 8}};

constexpr math::ActivationSpec kLeaky{math::Activation::leaky_relu, 0.2f};

Tensor matrix(std::vector<float>& values, const Size& s) { return {values.data(), {s.rows, 1, 1, s.width}}; }
Tensor rows(std::vector<float>& values) { return {values.data(), {static_cast<std::int64_t>(values.size()), 1, 1, 1}}; }
Tensor weights(std::vector<float>& values) { return {values.data(), {1, 1, 1, static_cast<std::int64_t>(values.size())}}; }

// x and weight of one type, y and dy of another, as the oracle has them.
struct Operands {
  kernels::Type wide, narrow;
  Size size;
  std::vector<float> x = rounded(wide, random_values(size.rows*size.width, -1, 1, 1)),
                     weight = rounded(wide, random_values(size.width, -1, 1, 2)), bias{0.3f},
                     dy = rounded(narrow, random_values(size.rows, -1, 1, 3));
};

template <class F>
void each_operands(const F& f) {
  for (const kernels::Type wide : kTypes)
    for (const kernels::Type narrow : kTypes)
      for (const Size& size : kSizes) {
        INFO(name_of(wide), " and ", name_of(narrow), ", ", size.rows, " x ", size.width);
        f(Operands{wide, narrow, size});
      }
}

// A sum of `terms` products of uniform(-1, 1): each addition rounds a running sum, a random walk of steps 1/3.
double error_of_sum(std::int64_t terms) {
  const double n = static_cast<double>(terms);
  return 2 * 0x1p-23 * std::sqrt(n) * std::max(1.0, 2 * std::sqrt(n) / 3);
}

std::vector<float> run_weighted_rows(const Operands& o) {
  Numbers x(o.wide, o.x), dy(o.narrow, o.dy);
  Guarded<float> dweight(o.size.width);
  const std::size_t bytes = kernels::weighted_rows_scratch(o.size.width);
  Guarded<unsigned char> scratch(static_cast<std::int64_t>(bytes));
  unsigned arrivals = 0;
  kernels::weighted_rows(nullptr, o.size.rows, o.size.width, x.array(), dy.array(), dweight.data(), {scratch.data(), bytes}, &arrivals);
  CHECK(arrivals == 0);
  CHECK((x.intact() && dy.intact() && dweight.intact() && scratch.intact()));
  return dweight.values();
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("the dot product of every row with the weight agrees with the oracle") {
    const auto device = make_naive_device();
    each_operands([&](Operands o) {
      std::vector<float> expected(static_cast<std::size_t>(o.size.rows));
      device->ops().linear(device->queue(), matrix(o.x, o.size), weights(o.weight), {kLeaky, weights(o.bias)}, rows(expected));
      Numbers x(o.wide, o.x), weight(o.wide, o.weight);
      Guarded<float> bias(o.bias);
      const auto found = in_orders(2, [&] {
        Numbers y(o.narrow, o.size.rows);
        kernels::dot_rows(nullptr, kLeaky, o.size.rows, o.size.width, x.array(), weight.array(), bias.data(), y.array());
        CHECK((x.intact() && weight.intact() && bias.intact() && y.intact()));
        return y.floats();
      });
      CHECK(difference(expected, found, rounding_of(o.narrow), error_of_sum(o.size.width)) == "");
    });
  }

  TEST_CASE("the gradient by x is the outer product of dy and the weight, rounded once") {
    const auto device = make_naive_device();
    each_operands([&](Operands o) {
      std::vector<float> expected(o.x.size());
      device->ops().linear_grad_input(device->queue(), rows(o.dy), weights(o.weight), matrix(expected, o.size));
      Numbers dy(o.narrow, o.dy), weight(o.wide, o.weight), dx(o.wide, o.size.rows * o.size.width);
      kernels::outer(nullptr, o.size.rows, o.size.width, dy.array(), weight.array(), dx.array());
      CHECK((dy.intact() && weight.intact() && dx.intact()));
      CHECK(difference(rounded(o.wide, expected), dx.floats(), 2 * rounding_of(o.wide), 0) == "");
    });
  }

  TEST_CASE("the gradient by the weight agrees with the oracle in every order of threads") {
    const auto device = make_naive_device();
    each_operands([&](Operands o) {
      std::vector<float> expected(static_cast<std::size_t>(o.size.width));
      device->ops().linear_grad_weight(device->queue(), matrix(o.x, o.size), rows(o.dy), weights(expected));
      const auto found = in_orders(2, [&] { return run_weighted_rows(o); });
      CHECK(difference(expected, found, 0, error_of_sum(o.size.rows)) == "");
    });
  }
}

TEST_SUITE("threads") {
  TEST_CASE("dense layers with one output hold on real threads") {
    const Operands o{kernels::Type::f32, kernels::Type::f32, {31, 240}};
    const auto on_fibres = run_weighted_rows(o);
    const Executing executing({shim::Engine::threads, 1});
    CHECK((run_weighted_rows(o) == on_fibres));
  }
}
