// What a profiler sees of a step: NVTX ranges.
#include <doctest/doctest.h>
#include <nvtx3/nvToolsExt.h>

#include <string>

#include "device/cuda/device.h"
#include "double/double.h"
#include "double/training.h"

namespace {

std::string heard;  // since the test began: "(critic gradient)(critic update)"
int depth = 0;

// As a profiler takes its place in NVTX.
int listen(NvtxGetExportTableFunc_t table_of) {
  const auto* callbacks = static_cast<const NvtxExportTableCallbacks*>(table_of(NVTX_ETID_CALLBACKS));
  NvtxFunctionTable functions = nullptr;
  unsigned size = 0;
  if (!callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &functions, &size)) return 0;
  int (*push)(const char*) = [](const char* name) {
    heard += std::string("(") + name;
    return depth++;
  };
  int (*pop)() = [] {
    heard += ")";
    return --depth;
  };
  *functions[NVTX_CBID_CORE_RangePushA] = reinterpret_cast<NvtxFunctionPointer>(push);
  *functions[NVTX_CBID_CORE_RangePop] = reinterpret_cast<NvtxFunctionPointer>(pop);
  return 1;
}

// NVTX asks this pointer of its own when the first range begins.
[[maybe_unused]] const bool listening = (InitializeInjectionNvtx2_fnptr = listen) != nullptr;

}  // namespace

namespace fgan::cuda_double {

TEST_SUITE("fast") {
  TEST_CASE("a profiler sees the phases of a step by their names") {
    const Double libraries;
    const auto device = make_cuda_device({.name = "cuda"}, libraries.api());
    for (const auto& [rule, phases] :
         {std::pair{Rule::single_step, "(critic gradient)(generator gradient)(critic update)(generator update)"},
          std::pair{Rule::alternating, "(critic gradient)(critic update)(generator gradient)(generator update)"}}) {
      heard.clear();
      Training training(*device, small_preset("mnist-mlp", rule));
      CHECK(heard == phases);  // as the step is recorded
      training.run();
      CHECK(heard == phases);  // a replay is one launch
      training.run_eagerly();
      CHECK(heard == std::string(phases) + phases);
    }
  }
}

}  // namespace fgan::cuda_double
