// Every case of the table: the fast device against the oracle, guards, equal bytes when repeated and with another number of threads.
#include <doctest/doctest.h>

#include <cstdio>
#include <set>

#include "conformance/run_case.h"

using namespace fgan;
using namespace fgan::conformance;

namespace {

// amplification: by how much rounding is larger than that of a sum of products.
void check_route(ConvRoute route, double amplification) {
  const auto oracle = naive_device(), cpu = cpu_device(2, ComputeType::f32, route);
  for (OpCase c : conv_cases()) {
    for (Operand& o : c.operands) o.terms *= amplification;
    if (cpu) CHECK(check(*oracle, *cpu, c) == "");
  }
}

void say_skipped() { std::puts("SKIP: this processor does not multiply bf16"); }

// Each form on a device that computes in its types: in f32 the cpu, in bf16 the oracle itself, rounding.
void check_family(const std::vector<OpCase>& cases) {
  const auto oracle = naive_device(), rounding = naive_device(ComputeType::bf16), cpu = cpu_device(2);
  for (const OpCase& c : forms(cases)) {
    if (c.dtype == DType::bf16) CHECK(check(*oracle, *rounding, c) == "");
    else if (cpu) CHECK(check(*oracle, *cpu, c) == "");
    else CHECK(check(*oracle, *oracle, c) == "");
  }
}

void check_family_in_bf16(const std::vector<OpCase>& cases) {
  const auto oracle = naive_device(), cpu = cpu_device(2, ComputeType::bf16);
  if (!cpu) return say_skipped();
  for (const OpCase& c : forms(cases)) CHECK(check(*oracle, *cpu, c) == "");
}

// Not for oneDNN's products: it shares sums among threads.
void check_threads(const std::vector<OpCase>& cases, ComputeType type) {
  const auto one = cpu_device(1, type), two = cpu_device(2, type), three = cpu_device(3, type);
  if (!one) return type == ComputeType::bf16 ? say_skipped() : void();
  for (const OpCase& c : forms(cases)) {
    if (!runs_on(*one, c)) continue;
    const Outcome alone = run(*one, c);
    INFO(c.family, " ", c.name);
    CHECK(difference_in_bytes(c, alone, run(*two, c)) == "");
    CHECK(difference_in_bytes(c, alone, run(*three, c)) == "");
  }
}

std::vector<std::vector<OpCase>> own_loops() {
  return {bias_act_cases(), normalize_cases(), game_cases(), optimizer_cases(), noise_pixels_cases()};
}

}  // namespace

TEST_SUITE("fast bf16") {
  TEST_CASE("on a processor in bf16 convolutions agree with the oracle in every pass") { check_family_in_bf16(conv_cases()); }
  TEST_CASE("on a processor in bf16 dense layers agree with the oracle in every pass") { check_family_in_bf16(linear_cases()); }
  TEST_CASE("on a processor in bf16 own loops agree with the oracle, in equal bytes with 1, 2 and 3 threads") {
    for (const auto& cases : own_loops()) {
      check_family_in_bf16(cases);
      check_threads(cases, ComputeType::bf16);
    }
  }
}

TEST_SUITE("fast") {
  TEST_CASE("convolutions agree with the oracle in every pass") { check_family(conv_cases()); }
  TEST_CASE("convolutions agree with the oracle by either route") {
    check_route(ConvRoute::direct, 1);
    check_route(ConvRoute::winograd, 2.8);  // of F(4, 2): tests/cpu/transforms_test.cpp
  }
  TEST_CASE("dense layers agree with the oracle in every pass") { check_family(linear_cases()); }
  TEST_CASE("bias and activation agree with the oracle") { check_family(bias_act_cases()); }
  TEST_CASE("normalisation agrees with the oracle") { check_family(normalize_cases()); }
  TEST_CASE("the game agrees with the oracle for every divergence") { check_family(game_cases()); }
  TEST_CASE("the optimisers agree with the oracle") { check_family(optimizer_cases()); }
  TEST_CASE("noise, dropout, pixels and copies agree with the oracle") { check_family(noise_pixels_cases()); }

  TEST_CASE("own loops give the same bytes with 1, 2 and 3 threads") {
    for (const auto& cases : own_loops()) check_threads(cases, ComputeType::f32);
  }

  TEST_CASE("the table has at least 300 op cases with names of their own, and as many in bf16") {
    std::size_t in_f32 = 0, in_bf16 = 0;
    std::set<std::string> names;
    for (const OpCase& c : all_cases()) {
      ++(c.dtype == DType::bf16 ? in_bf16 : in_f32);
      names.insert(c.family + " " + c.name);
    }
    MESSAGE(in_f32 << " op cases in f32, " << in_bf16 << " in bf16, " << gradient_cases().size() << " gradient cases");
    CHECK(in_f32 >= 300);
    CHECK(in_bf16 >= 300);
    CHECK(names.size() == in_f32 + in_bf16);
  }
}
