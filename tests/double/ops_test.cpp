// Every case of the table on the CUDA back end: kernels under the shim, cuDNN and cuBLASLt as their descriptors say, against the oracle.
#include <doctest/doctest.h>

#include "conformance/run_case.h"
#include "device/cuda/device.h"
#include "double/double.h"

namespace fgan {
namespace {

using namespace conformance;

void check_family(const std::vector<OpCase>& cases, const cuda_double::Machine& machine = {}) {
  cuda_double::Double libraries(machine);
  {
    const auto oracle = naive_device();
    const auto single = make_cuda_device({.name = "cuda"}, libraries.api());
    const auto half = make_cuda_device({.name = "cuda", .dtype = ComputeType::bf16}, libraries.api());
    for (const OpCase& c : forms(cases)) CHECK(check(*oracle, c.dtype == DType::bf16 ? *half : *single, c) == "");
  }
  CHECK(libraries.leaks() == "");
}

}  // namespace

TEST_SUITE("shim") {
  TEST_CASE("convolutions of the CUDA back end agree with the oracle") { check_family(conv_cases()); }
  TEST_CASE("convolutions whose epilogue cuDNN does not fuse agree with the oracle") {
    check_family(conv_cases(), {.fused_convolutions = false});
  }
  TEST_CASE("dense layers of the CUDA back end agree with the oracle") { check_family(linear_cases()); }
  TEST_CASE("bias and activation of the CUDA back end agree with the oracle") { check_family(bias_act_cases()); }
  TEST_CASE("normalisation of the CUDA back end agrees with the oracle") { check_family(normalize_cases()); }
  TEST_CASE("the game of the CUDA back end agrees with the oracle") { check_family(game_cases()); }
  TEST_CASE("the optimisers of the CUDA back end agree with the oracle") { check_family(optimizer_cases()); }
  TEST_CASE("noise, dropout, pixels and copies of the CUDA back end agree with the oracle") { check_family(noise_pixels_cases()); }
}

}  // namespace fgan
