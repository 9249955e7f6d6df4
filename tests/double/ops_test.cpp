// Every case of the table on the CUDA back end: kernels under the shim, cuDNN and cuBLASLt as their descriptors say, against the oracle.
#include <doctest/doctest.h>

#include "conformance/run_case.h"
#include "device/cuda/device.h"
#include "double/double.h"

namespace fgan {
namespace {

using namespace conformance;

// By the fixed rule: a race would run every convolution some twenty times.
void check_family(const std::vector<OpCase>& cases, const cuda_double::Machine& machine = {}) {
  cuda_double::Double libraries(machine);
  {
    const auto oracle = naive_device();
    const auto device = [&](ComputeType type) {
      return make_cuda_device({.name = "cuda", .dtype = type, .deterministic = true}, libraries.api());
    };
    const auto single = device(ComputeType::f32), half = device(ComputeType::bf16);
    for (const OpCase& c : forms(cases)) CHECK(check(*oracle, c.dtype == DType::bf16 ? *half : *single, c) == "");
  }
  CHECK(libraries.leaks() == "");
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("dense layers of the CUDA back end agree with the oracle") { check_family(linear_cases()); }
  TEST_CASE("bias and activation of the CUDA back end agree with the oracle") { check_family(bias_act_cases()); }
  TEST_CASE("the game of the CUDA back end agrees with the oracle") { check_family(game_cases()); }
  TEST_CASE("the optimisers of the CUDA back end agree with the oracle") { check_family(optimizer_cases()); }
  TEST_CASE("noise, dropout, pixels and copies of the CUDA back end agree with the oracle") { check_family(noise_pixels_cases()); }

  TEST_CASE("the table in f32 holds on a device in bf16, where averaged weights compute in f32") {
    cuda_double::Double libraries;
    const auto oracle = naive_device(), half = make_cuda_device({.name = "cuda", .dtype = ComputeType::bf16}, libraries.api());
    for (const OpCase& c : {conv_cases().back(), linear_cases().front(), normalize_cases().front()}) CHECK(check(*oracle, *half, c) == "");
  }
}

TEST_SUITE("shim") {
  TEST_CASE("convolutions of the CUDA back end agree with the oracle") { check_family(conv_cases()); }
  TEST_CASE("convolutions whose epilogue cuDNN does not fuse agree with the oracle") {
    check_family(conv_cases(), {.fused_convolutions = false});
  }
  TEST_CASE("normalisation of the CUDA back end agrees with the oracle") { check_family(normalize_cases()); }
}

}  // namespace fgan
