// The execution model: right kernels give right results in every order, and each kind of wrong one is noticed.
#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "shim/guarded.h"
#include "shim/orders.h"
#include "shim/samples.h"

using namespace fgan;
using kernels::samples::Fault;
using kernels::samples::kBlock;
using shim::Engine;

namespace {

constexpr int kBlocks = 5;

std::vector<float> sums(Fault fault) {
  std::vector<float> x(kBlocks * kBlock), found(kBlocks);
  std::iota(x.begin(), x.end(), 1.f);
  kernels::samples::block_sums(nullptr, fault, kBlocks, x.data(), found.data());
  return found;
}

std::vector<float> right_sums() {
  std::vector<float> expected;
  for (int block = 0; block < kBlocks; ++block) {
    const int first = block * kBlock + 1, last = first + kBlock - 1;
    expected.push_back(static_cast<float>((first + last) * kBlock / 2));
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

template <class F>
std::string violation(const F& work) {
  try {
    work();
  } catch (const shim::Violation& violation) {
    return violation.what();
  }
  return "none";
}

void check_violation(Engine engine, Fault fault, const std::string& words) {
  const test::Executing executing({engine, 1});
  const std::string message = violation([&] { sums(fault); });
  CHECK_MESSAGE(message.find("kernel block_sums, block (") == 0, message);
  CHECK_MESSAGE(message.find("thread") != std::string::npos, message);
  CHECK_MESSAGE(message.find(words) != std::string::npos, message);
}

void check_violations(Engine engine) {
  check_violation(engine, Fault::barrier_in_branch, "48 wait at a barrier, samples.cu:");
  check_violation(engine, Fault::barrier_in_warp, "48 wait at a shuffle, samples.cu:");
  check_violation(engine, Fault::shuffle_in_branch, "wait at a shuffle, samples.cu:");
  check_violation(engine, Fault::partial_mask, "a mask that is not full");
  const test::Executing executing({engine, 1});
  CHECK(violation([] { sums(Fault::beyond_shared); }).find("wrote outside of its 12 bytes of dynamic shared memory") != std::string::npos);
}

int threads_of(const shim::Shape& s) {
  int threads = 0;
  kernels::samples::count_threads(nullptr, s.blocks_x, s.blocks_y, s.threads_x, s.threads_y, s.shared, &threads);
  return threads;
}

// The sums of the blocks in the order in which the blocks ran.
std::vector<float> order_of_blocks(std::uint64_t seed) {
  const test::Executing executing({Engine::fibres, seed});
  std::vector<float> order;
  shim::run({"order", {20, 1, 1, 1, 0}, [&] { order.push_back(static_cast<float>(kernels::samples::this_block())); }});
  return order;
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("a right kernel gives the same sums in 20 orders of its threads") { CHECK(wrong_orders(Fault::none) == 0); }
  TEST_CASE("a missing barrier gives wrong sums") { CHECK(wrong_orders(Fault::missing_barrier) > 10); }
  TEST_CASE("shared memory that nobody wrote gives wrong sums") {
    CHECK(wrong_orders(Fault::uninitialised_shared) == 20);
    CHECK(wrong_orders(Fault::uninitialised_static) == 20);
  }

  TEST_CASE("a write behind an array breaks its guard") {
    const std::vector<float> x(kBlocks * kBlock, 1.f);
    for (const Fault fault : {Fault::none, Fault::beyond_array}) {
      test::Guarded<float> found(kBlocks);
      kernels::samples::block_sums(nullptr, fault, kBlocks, x.data(), found.data());
      CHECK(found.intact() == (fault == Fault::none));
    }
  }

  TEST_CASE("fibres that do not meet, or trespass, fail with the kernel's name") {
    check_violations(Engine::fibres);
    check_violation(Engine::fibres, Fault::two_barriers, "48 wait at a barrier, samples.cu:");
    check_violation(Engine::fibres, Fault::two_shuffles, "wait at a shuffle, samples.cu:");
  }

  TEST_CASE("a seed fixes the order, and seeds differ") {
    CHECK(order_of_blocks(3) == order_of_blocks(3));
    CHECK(order_of_blocks(3) != order_of_blocks(4));
  }

  TEST_CASE("every thread of every block runs once") {
    CHECK(threads_of({1, 1, 1, 1, 0}) == 1);
    CHECK(threads_of({3, 5, 33, 2, 0}) == 990);
    CHECK(threads_of({2, 1, 1024, 1, 48 << 10}) == 2048);
  }

  TEST_CASE("a shape that a GPU would refuse fails with the kernel's name") {
    const shim::Shape shapes[] = {{0, 1, 1, 1, 0}, {1, 0, 1, 1, 0},   {1, 65536, 1, 1, 0},
                                  {1, 1, 0, 1, 0}, {1, 1, 513, 2, 0}, {1, 1, 1, 1, (48 << 10) + 1}};
    for (const shim::Shape& shape : shapes) CHECK(violation([&] { threads_of(shape); }).find("kernel add_one ") == 0);
  }

  TEST_CASE("a sink takes launches with their streams, and what it kept runs later, as often as wanted") {
    int word = 0, threads = 0;
    auto* stream = reinterpret_cast<CUstream_st*>(&word);
    std::vector<shim::Launch> kept;
    const shim::Sink before = shim::set_sink([&](CUstream_st* s, shim::Launch launch) {
      CHECK(s == stream);
      kept.push_back(std::move(launch));
    });
    kernels::samples::count_threads(stream, 2, 1, 40, 1, 0, &threads);
    shim::set_sink(before);
    CHECK(threads == 0);
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].kernel == "add_one");
    shim::run(kept[0]);
    shim::run(kept[0]);
    CHECK(threads == 160);
  }
}

TEST_SUITE("fast shim threads") {
  TEST_CASE("a right kernel gives the same sums on threads") {
    const test::Executing executing({Engine::threads, 1});
    CHECK(sums(Fault::none) == right_sums());
    CHECK(threads_of({3, 2, 256, 2, 0}) == 3072);
  }
  TEST_CASE("threads that do not meet, or trespass, fail with the kernel's name") { check_violations(Engine::threads); }
}
