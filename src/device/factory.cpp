// Names to devices: the one file that knows which there are.
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "device/device.h"
#include "device/naive/device.h"

#if FGAN_HAVE_ONEDNN
#include "device/cpu/device.h"
#endif

namespace fgan {

std::vector<DeviceInfo> list_devices() {
  return {{"cpu", "oneDNN and parallel loops on the processor", FGAN_HAVE_ONEDNN != 0},
          {"naive", "plain loops with sums in double, for comparison", true}};
}

namespace {

std::unique_ptr<Device> make_naive(ComputeType dtype) {
  if (dtype == ComputeType::tf32) fail(Exit::usage, "device.dtype = tf32 needs device = cuda: naive computes in f32 or bf16");
  return make_naive_device(dtype == ComputeType::bf16 ? DType::bf16 : DType::f32);
}

}  // namespace

std::unique_ptr<Device> make_device(const DeviceOptions& options) {
  static constexpr std::array<std::string_view, 3> kNames{"auto", "cpu", "naive"};
  if (options.name == "naive") return make_naive(options.dtype);
  if (options.name != "auto" && options.name != "cpu")
    fail(Exit::usage, "device = {} is not known: {} are{}", options.name, one_of(kNames), suggestion(options.name, kNames));
  if (options.dtype != ComputeType::f32)
    fail(Exit::usage, "device.dtype = {} needs device = cuda{}: the processor computes in f32", to_string(options.dtype),
         options.dtype == ComputeType::bf16 ? " (or naive)" : "");
#if FGAN_HAVE_ONEDNN
  return make_cpu_device(options.threads);
#else
  if (options.name == "auto") return make_naive_device();
  fail(Exit::device, "device = cpu is not in this build, which was made without oneDNN (FGAN_ONEDNN=OFF); use device = naive");
#endif
}

}  // namespace fgan
