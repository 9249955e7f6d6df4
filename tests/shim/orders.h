// Kernels run in several shuffled orders of their threads: what they compute must not depend on it.
#pragma once

#include <doctest/doctest.h>

#include "shim/shim.h"

namespace fgan::test {

// The execution while this lives.
class Executing {
 public:
  explicit Executing(const shim::Execution& execution) : before_(shim::execution()) { shim::set_execution(execution); }
  ~Executing() { shim::set_execution(before_); }
  Executing(const Executing&) = delete;

 private:
  shim::Execution before_;
};

// work() gives something comparable, the same to the bit for each of these seeds.
template <class F>
auto in_orders(int orders, const F& work) {
  const shim::Execution now = shim::execution();
  const auto in_order = [&](int order) {
    const Executing executing({now.engine, now.seed + static_cast<unsigned>(order)});
    return work();
  };
  const auto first = in_order(0);
  for (int order = 1; order < orders; ++order) CHECK_MESSAGE((in_order(order) == first), "another order of threads gives another result");
  return first;
}

}  // namespace fgan::test
