// Gradients of the oracle against central differences of its forward ops, along directions.
#include <doctest/doctest.h>

#include <cmath>

#include "conformance/run_case.h"

using namespace fgan;
using namespace fgan::conformance;

namespace {

// One gradient case in device memory.
class Bench {
 public:
  Bench(Device& device, const GradientCase& c)
      : device_(device), c_(c), y_(device, Tensor{nullptr, c.y, DType::f32}), dy_(device, Tensor{nullptr, c.y, DType::f32}) {
    const Bytes dy = c.y == Shape{} ? initial_bytes({.shape = c.y, .fill = {Fill::constant, 1}}, 0) : initial_bytes(input(c.y), 99);
    dy_.set(dy.data());
    dy_values_ = dy;
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
      start_.push_back(initial_bytes(c.inputs[i], i));
      inputs_.push_back(std::make_unique<Guarded>(device, Tensor{nullptr, c.inputs[i].shape, c.inputs[i].dtype}));
      gradients_.push_back(std::make_unique<Guarded>(device, Tensor{nullptr, c.inputs[i].shape, c.inputs[i].dtype}));
      inputs_.back()->set(start_.back().data());
    }
  }

  // <dy, forward(inputs with input i moved by h * direction)>
  double value(std::size_t i, const std::vector<double>& direction, double h) {
    const auto x = as_floats(start_[i]);
    std::vector<float> moved(x.begin(), x.end());
    for (std::size_t k = 0; k < moved.size(); ++k) moved[k] = static_cast<float>(static_cast<double>(x[k]) + h * direction[k]);
    inputs_[i]->set(moved.data());
    c_.forward(device_.ops(), device_.queue(), tensors(inputs_), y_.tensor());
    inputs_[i]->set(start_[i].data());
    const Bytes y = y_.get();
    double sum = 0;
    for (std::size_t k = 0; k < as_floats(y).size(); ++k)
      sum += static_cast<double>(as_floats(y)[k]) * static_cast<double>(as_floats(dy_values_)[k]);
    return sum;
  }

  std::vector<Bytes> gradients() {
    c_.forward(device_.ops(), device_.queue(), tensors(inputs_), y_.tensor());
    c_.gradient(device_.ops(), device_.queue(), tensors(inputs_), y_.tensor(), dy_.tensor(), tensors(gradients_));
    std::vector<Bytes> all;
    for (const auto& g : gradients_) all.push_back(g->get());
    return all;
  }

 private:
  static Tensors tensors(const std::vector<std::unique_ptr<Guarded>>& memory) {
    Tensors t;
    for (const auto& m : memory) t.push_back(m->tensor());
    return t;
  }

  Device& device_;
  const GradientCase& c_;
  Guarded y_, dy_;
  Bytes dy_values_;
  std::vector<Bytes> start_;
  std::vector<std::unique_ptr<Guarded>> inputs_, gradients_;
};

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("every gradient op agrees with central differences of its forward op") {
    const auto device = naive_device();
    for (const GradientCase& c : gradient_cases()) {
      Bench bench(*device, c);
      const std::vector<Bytes> gradients = bench.gradients();
      for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        if (!c.wanted[i]) continue;
        const auto g = as_floats(gradients[i]);
        double largest = 1e-30;
        for (float x : g) largest = std::max(largest, static_cast<double>(std::abs(x)));
        // Along the gradient, where its size shows, bent by half a random vector, so that a wrong direction shows too.
        const Bytes noise = initial_bytes(input(c.inputs[i].shape), 7);
        std::vector<double> direction;
        double expected = 0, scale = 0;
        for (std::size_t k = 0; k < g.size(); ++k) {
          direction.push_back(static_cast<double>(g[k]) / largest + 0.5 * static_cast<double>(as_floats(noise)[k]));
          expected += static_cast<double>(g[k]) * direction[k];
          scale += std::abs(static_cast<double>(g[k]) * direction[k]);
        }
        // Richardson: the error of the differences is of order h^4, that of rounding eps / h: with h = 0.02 both are below 1e-4.
        const double h = 0.02, wide = bench.value(i, direction, 2 * h) - bench.value(i, direction, -2 * h);
        const double narrow = bench.value(i, direction, h) - bench.value(i, direction, -h);
        const double found = (8 * narrow - wide) / (12 * h);
        INFO(c.family, " ", c.name, ", by input ", i, ": gradient says ", expected, ", differences say ", found);
        CHECK(std::abs(found - expected) <= 1e-3 * scale + 1e-6);
      }
    }
  }
}
