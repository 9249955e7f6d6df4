// The execution model: right kernels give right results in every order, and each kind of wrong one is noticed.
#include <doctest/doctest.h>

#include <numeric>
#include <set>

#include "shim/orders.h"
#include "shim/samples.h"

using namespace fgan;
using samples::Fault;
using shim::Engine;

namespace {

constexpr int kBlocks = 5;

std::vector<float> sums(Fault fault) {
  std::vector<float> x(kBlocks * samples::kBlock), found(kBlocks);
  std::iota(x.begin(), x.end(), 1.f);
  samples::block_sums(nullptr, fault, kBlocks, x.data(), found.data());
  return found;
}

std::vector<float> right_sums() {
  std::vector<float> expected;
  for (int block = 0; block < kBlocks; ++block) {
    const int first = block * samples::kBlock + 1, last = first + samples::kBlock - 1;
    expected.push_back(static_cast<float>((first + last) * samples::kBlock / 2));
  }
  return expected;
}

int wrong_orders(Fault fault) {
  int wrong = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const test::Executing executing({Engine::fibres, seed});
    wrong += sums(fault) != right_sums();
  }
  return wrong;
}

std::string violation(Engine engine, Fault fault) {
  const test::Executing executing({engine, 1});
  try {
    sums(fault);
  } catch (const shim::Violation& violation) {
    return violation.what();
  }
  return "none";
}

void check_violations(Engine engine) {
  const auto says = [&](Fault fault, const std::string& words) {
    const std::string message = violation(engine, fault);
    CHECK_MESSAGE(message.find("kernel block_sums, block (") == 0, message);
    CHECK_MESSAGE(message.find(words) != std::string::npos, message);
  };
  says(Fault::barrier_in_branch, "48 wait at a barrier, samples.cu:");
  says(Fault::barrier_in_warp, "48 wait at a shuffle, samples.cu:");
  says(Fault::shuffle_in_branch, "93 wait at a shuffle, samples.cu:");
  says(Fault::partial_mask, "a mask that is not full");
  says(Fault::beyond_shared, "wrote outside of its 12 bytes of dynamic shared memory");
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("a right kernel gives the same sums in 20 orders of its threads") { CHECK(wrong_orders(Fault::none) == 0); }

  TEST_CASE("a missing barrier gives wrong sums") { CHECK(wrong_orders(Fault::missing_barrier) > 10); }
  TEST_CASE("shared memory that nobody wrote gives wrong sums") { CHECK(wrong_orders(Fault::uninitialised_shared) == 20); }

  TEST_CASE("fibres that do not meet, or trespass, fail with the kernel's name") {
    check_violations(Engine::fibres);
    CHECK(violation(Engine::fibres, Fault::two_barriers).find("wait at a barrier, samples.cu:") != std::string::npos);
    CHECK(violation(Engine::fibres, Fault::two_shuffles).find("wait at a shuffle, samples.cu:") != std::string::npos);
  }
}
