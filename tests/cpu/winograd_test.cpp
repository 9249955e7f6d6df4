// Convolutions in Winograd's domain against sums in double, for every instruction set that this machine has.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "base/format.h"
#include "cpu/halving_case.h"
#include "device/cpu/winograd/plan.h"

using namespace fgan;
using winograd::Isa;

namespace {

std::vector<Isa> isas() {
  std::vector<Isa> all{Isa::avx2};
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd"))
    all.push_back(Isa::avx512);
  return all;
}

constexpr ConvPass kPasses[]{ConvPass::forward, ConvPass::grad_input, ConvPass::grad_filter};
constexpr std::size_t kGuard = 32;

// The result between guards; what the plan left out is not a number.
std::vector<float> run(Isa isa, int outputs, ConvPass pass, const HalvingCase& c, int threads = 2) {
  Memory scratch;
  const auto plan = winograd::make_plan(Team(threads), winograd::kernels(isa, outputs), pass, c.x_shape, c.y_shape(), scratch);
  const auto count = static_cast<std::size_t>(c.result_shape(pass).count());
  std::vector<float> memory(count + 2 * kGuard, std::numeric_limits<float>::quiet_NaN());
  plan->run(c.first(pass), c.second(pass), memory.data() + kGuard);
  for (std::size_t i = 0; i < kGuard; ++i) CHECK((std::isnan(memory[i]) && std::isnan(memory[memory.size() - 1 - i])));
  return {memory.begin() + kGuard, memory.end() - kGuard};
}

bool same_bytes(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::string name(const HalvingCase& c, Isa isa, int outputs, ConvPass pass) {
  return format("{} to {} channels, pass {}, F({}, 2), {}", to_string(c.x_shape), c.out, static_cast<int>(pass), outputs,
                isa == Isa::avx2 ? "AVX2" : "AVX-512");
}

void check_errors(const HalvingCase& c, double most) {
  for (const ConvPass pass : kPasses) {
    const std::vector<double> expected = c.direct(pass);
    for (const Isa isa : isas())
      for (const int outputs : {2, 4}) {
        INFO(name(c, isa, outputs, pass));
        CHECK(relative_error(run(isa, outputs, pass, c), expected) <= most);
      }
  }
}

float scale(std::size_t channel) { return std::pow(10.0f, static_cast<float>(channel % 7) - 3); }

void shift(std::vector<float>& values, float by) {
  for (float& value : values) value += by;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("Winograd's convolutions agree with sums in double for every size, edge and number of channels") {
    for (const std::int64_t side : {2, 3, 7, 8, 9, 10, 12, 14, 18, 28}) check_errors({{2, side, side, 17}, 20}, 2e-6);
    for (const std::int64_t channels : {1, 2, 15, 16, 31, 33, 64, 130}) {
      check_errors({{2, 8, 8, channels}, 33}, 2e-6);
      check_errors({{1, 9, 12, 18}, channels}, 2e-6);
    }
    check_errors({{1, 2, 17, 3}, 1}, 2e-6);
  }

  TEST_CASE("Winograd's convolutions agree with sums in double over many chunks of images and groups of blocks") {
    check_errors({{70, 16, 16, 32}, 48}, 2e-6);
    check_errors({{3, 8, 8, 200}, 272}, 2e-6);
  }

  // The bound of issue 7, for what F(4, 2) is least made for: its transforms take differences, which lose what neighbours have in common.
  TEST_CASE("Winograd's errors stay below 4e-6 of the result's size for operands of unlike scales and for constant ones") {
    const Shape x{8, 16, 16, 32};
    const std::vector<std::pair<const char*, std::function<void(HalvingCase&)>>> hostile{
        {"channels from 1e-3 to 1e3",
         [](HalvingCase& c) {
           for (std::size_t i = 0; i < c.x.size(); ++i) c.x[i] *= scale(i % 32);
           for (std::size_t i = 0; i < c.dy.size(); ++i) c.dy[i] *= scale(i % 48);
         }},
        {"one pixel of 1e4", [](HalvingCase& c) { c.x[c.x.size() / 2] = c.dy[c.dy.size() / 2] = 1e4f; }},
        {"constant images",
         [](HalvingCase& c) {
           std::fill(c.x.begin(), c.x.end(), 1.0f);
           std::fill(c.dy.begin(), c.dy.end(), 1.0f);
         }},
        {"pixels of 100 with noise of 1", [](HalvingCase& c) { shift(c.x, 100), shift(c.dy, 100); }},
        {"neighbours of alternating signs",
         [](HalvingCase& c) {
           for (std::size_t i = 0; i < c.x.size(); ++i) c.x[i] = (i / 32 + i / 512) % 2 == 0 ? 1.0f : -1.0f;
           for (std::size_t i = 0; i < c.dy.size(); ++i) c.dy[i] = (i / 48 + i / 384) % 2 == 0 ? 1.0f : -1.0f;
         }},
        {"positive filters", [](HalvingCase& c) { shift(c.filter, 1); }}};
    for (const auto& kind : hostile) {
      HalvingCase c(x, 48);
      kind.second(c);
      INFO(kind.first);
      check_errors(c, 4e-6);
    }
  }

  TEST_CASE("Winograd's convolutions give the same bytes again, with 1, 2 and 3 threads, and for every instruction set") {
    for (const HalvingCase& c : {HalvingCase({5, 14, 14, 33}, 40), HalvingCase({70, 16, 16, 32}, 48)})
      for (const ConvPass pass : kPasses)
        for (const int outputs : {2, 4}) {
          const std::vector<float> once = run(Isa::avx2, outputs, pass, c, 1);
          for (const Isa isa : isas())
            for (const int threads : {1, 2, 3}) {
              INFO(name(c, isa, outputs, pass), " ", threads, " threads");
              CHECK(same_bytes(once, run(isa, outputs, pass, c, threads)));
            }
        }
  }
}
