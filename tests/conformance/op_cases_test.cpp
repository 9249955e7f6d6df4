// Every case of the table: the fast device against the oracle, guards, equal bytes when repeated and with another number of threads.
#include <doctest/doctest.h>

#include <set>

#include "conformance/run_case.h"

using namespace fgan;
using namespace fgan::conformance;

namespace {

std::string report(const OpCase& c, const std::string& what) { return what.empty() ? "" : c.family + " " + c.name + ": " + what; }

void check_family(const std::vector<OpCase>& cases) {
  const auto naive = naive_device(), cpu = cpu_device(2);
  for (const OpCase& c : cases) {
    const Outcome expected = run(*naive, c);
    CHECK(report(c, expected.trespass) == "");
    if (!cpu) continue;
    const Outcome actual = run(*cpu, c);
    CHECK(report(c, actual.trespass) == "");
    CHECK(report(c, difference(c, expected, actual)) == "");
    CHECK(report(c, difference_in_bytes(c, actual, run(*cpu, c))) == "");
  }
}

// Not for oneDNN's products: it shares sums among threads.
void check_threads(const std::vector<OpCase>& cases) {
  const auto one = cpu_device(1), two = cpu_device(2), three = cpu_device(3);
  if (!one) return;
  for (const OpCase& c : cases) {
    const Outcome alone = run(*one, c);
    CHECK(report(c, difference_in_bytes(c, alone, run(*two, c))) == "");
    CHECK(report(c, difference_in_bytes(c, alone, run(*three, c))) == "");
  }
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("convolutions agree with the oracle in every pass") { check_family(conv_cases()); }
  TEST_CASE("dense layers agree with the oracle in every pass") { check_family(linear_cases()); }
  TEST_CASE("bias and activation agree with the oracle") { check_family(bias_act_cases()); }
  TEST_CASE("normalisation agrees with the oracle") { check_family(normalize_cases()); }
  TEST_CASE("the game agrees with the oracle for every divergence") { check_family(game_cases()); }
  TEST_CASE("the optimisers agree with the oracle") { check_family(optimizer_cases()); }
  TEST_CASE("noise, dropout, pixels and copies agree with the oracle") { check_family(noise_pixels_cases()); }

  TEST_CASE("own loops give the same bytes with 1, 2 and 3 threads") {
    for (const auto& cases : {bias_act_cases(), normalize_cases(), game_cases(), optimizer_cases(), noise_pixels_cases()})
      check_threads(cases);
  }

  TEST_CASE("the table has at least 300 op cases with names of their own") {
    std::size_t count = 0;
    std::set<std::string> names;
    for (const auto& cases :
         {conv_cases(), linear_cases(), bias_act_cases(), normalize_cases(), game_cases(), optimizer_cases(), noise_pixels_cases()})
      for (const OpCase& c : cases) {
        ++count;
        names.insert(c.family + " " + c.name);
      }
    MESSAGE(count << " op cases, " << gradient_cases().size() << " gradient cases");
    CHECK(count >= 300);
    CHECK(names.size() == count);
  }
}
