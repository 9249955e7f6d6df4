// Whole training steps of every preset and rule: recorded equals eager, nothing is allocated and nobody waits.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "base/format.h"
#include "config/presets.h"
#include "device/cuda/device.h"
#include "double/double.h"
#include "double/training.h"

namespace fgan::cuda_double {
namespace {

constexpr Rule kRules[] = {Rule::single_step, Rule::alternating};

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.emplace_back(preset.name);
  return names;
}

std::unique_ptr<Device> device_on(const Double& libraries, ComputeType type = ComputeType::f32) {
  return make_cuda_device({.name = "cuda", .dtype = type, .deterministic = true}, libraries.api());
}

// What a step does but enqueue.
long waits_and_allocations(const Double& libraries) {
  long sum = 0;
  for (const char* name : {"cudaMalloc", "cudaFree", "cudaMallocHost", "cudaFreeHost", "cudaStreamSynchronize", "cudaEventSynchronize",
                           "cudaStreamBeginCapture", "cudaGraphInstantiate"})
    sum += libraries.calls(name);
  return sum;
}

// Numbers of a state: nothing may have become infinite or no number at all.
bool all_finite(const std::vector<std::byte>& state) {
  for (std::size_t i = 0; i + 4 <= state.size(); i += 4) {
    std::uint32_t word;
    std::memcpy(&word, state.data() + i, 4);
    if ((word & 0x7f800000u) == 0x7f800000u) return false;
  }
  return true;
}

void check_presets(ComputeType type) {
  for (const std::string& name : preset_names())
    for (const Rule rule : kRules) {
      INFO(name, ", ", to_string(rule), ", ", to_string(type));
      const Config config = small_preset(name, rule);
      std::vector<std::byte> recorded, eager;
      Double libraries;
      {
        const auto device = device_on(libraries, type);
        Training training(*device, config);
        training.run();
        const long before = waits_and_allocations(libraries), calls = libraries.calls();
        libraries.forget_calls();
        training.run();
        CHECK(waits_and_allocations(libraries) == 0);
        CHECK(before > 0);
        CHECK(calls > 0);
        recorded = training.state();
      }
      CHECK(libraries.leaks() == "");
      {
        const auto device = device_on(libraries, type);
        Training training(*device, config);
        const std::vector<std::byte> start = training.state();
        training.run_eagerly();
        training.run_eagerly();
        eager = training.state();
        CHECK(start != eager);
      }
      CHECK(recorded == eager);
      CHECK(all_finite(recorded));
    }
}

}  // namespace

TEST_SUITE("shim") {
  TEST_CASE("a recorded step of every preset and rule gives the bytes of one enqueued op by op, and neither allocates nor waits") {
    check_presets(ComputeType::f32);
  }
  TEST_CASE("and so in bf16") { check_presets(ComputeType::bf16); }

  TEST_CASE("steps on the CUDA back end agree with the oracle") {
    Double libraries;
    const auto device = device_on(libraries), oracle = make_device({.name = "naive"});
    for (const Rule rule : kRules) {
      const Config config = small_preset("mnist-mlp", rule);
      Training here(*device, config), there(*oracle, config);
      here.run();
      there.run();
      const std::vector<std::byte> a = here.state(), b = there.state();
      REQUIRE(a.size() == b.size());
      CHECK(a.size() > 10000);
      std::size_t apart = 0;
      for (std::size_t i = 0; i + 4 <= a.size(); i += 4) {
        float x, y;
        std::memcpy(&x, a.data() + i, 4);
        std::memcpy(&y, b.data() + i, 4);
        apart += !(std::abs(x - y) <= 1e-4f * (1 + std::abs(y)));
      }
      // Adam's first update is the sign of the gradient: where that is next to 0, rounding decides.
      CHECK(apart <= a.size() / 4 / 200);
    }
  }
}

}  // namespace fgan::cuda_double
