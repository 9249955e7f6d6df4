// Names to devices: the one file that knows which there are.
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "device/device.h"
#include "device/naive/device.h"

#if FGAN_HAVE_ONEDNN
#include "device/cpu/device.h"
#endif
#if FGAN_HAVE_CUDA
#include "device/cuda/device.h"
#include "device/cuda/plan_choices.h"
#else
namespace fgan::cuda {
struct Api;
}
#endif

namespace fgan {
namespace {

// Null and a reason in words where there is no GPU.
const cuda::Api* find_gpu(std::string& reason) {
#if FGAN_HAVE_CUDA
  return cuda::real_api(reason);
#else
  reason = "this build has no CUDA back end (FGAN_CUDA=OFF, or nvcc was not found)";
  return nullptr;
#endif
}

// "cuda" is GPU 0, "cuda:1" is GPU 1; nothing for other names.
std::optional<int> gpu_number(std::string_view name) {
  if (!name.starts_with("cuda")) return std::nullopt;
  name.remove_prefix(4);
  if (name.empty()) return 0;
  int number = -1;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  const bool whole = name.front() == ':' && error == std::errc() && end == name.data() + name.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

std::unique_ptr<Device> make_cuda([[maybe_unused]] const DeviceOptions& options, [[maybe_unused]] int gpu) {
  std::string reason;
  [[maybe_unused]] const cuda::Api* api = find_gpu(reason);
#if FGAN_HAVE_CUDA
  if (api != nullptr) return make_cuda_device(options, *api, cuda::default_choices_file(), gpu);
#endif
  fail(Exit::device, "no CUDA device: {}; device = cpu needs none", reason);
}

// A GPU is taken when there is one; when there only seems to be one, people want to know why it is left alone.
bool takes_gpu() {
  std::string reason;
  if (find_gpu(reason) != nullptr) return true;
#if FGAN_HAVE_CUDA
  if (cuda::hardware_seems_present()) log::info("the GPU is not used: {}", reason);
#endif
  return false;
}

// Not of the cpu.
void check_route(ConvRoute conv) {
  if (conv != ConvRoute::automatic) fail(Exit::usage, "device.conv = {} needs device = cpu", to_string(conv));
}

// What activations are in, where nothing computes in tf32.
DType without_tf32(const DeviceOptions& options) {
  if (options.dtype == ComputeType::tf32)
    fail(Exit::usage, "device.dtype = tf32 needs device = cuda: the processor computes in f32 or bf16");
  return options.dtype == ComputeType::bf16 ? DType::bf16 : DType::f32;
}

}  // namespace

std::vector<DeviceInfo> list_devices() {
  std::string reason;
  const bool gpu = find_gpu(reason) != nullptr;
  return {{"cuda", gpu ? "cuDNN, cuBLASLt and own kernels on an NVIDIA GPU" : reason, gpu},
          {"cpu", "oneDNN and parallel loops on the processor", FGAN_HAVE_ONEDNN != 0},
          {"naive", "plain loops with sums in double, for comparison", true}};
}

std::unique_ptr<Device> make_device(const DeviceOptions& options) {
  static constexpr std::array<std::string_view, 4> kNames{"auto", "cuda", "cpu", "naive"};
  if (options.name == "naive") {
    check_route(options.conv);
    return make_naive_device(without_tf32(options));
  }
  const std::optional<int> gpu = options.name == "auto" && takes_gpu() ? 0 : gpu_number(options.name);
  if (gpu) {
    check_route(options.conv);
    return make_cuda(options, *gpu);
  }
  if (options.name != "auto" && options.name != "cpu")
    fail(Exit::usage, "device = {} is not known: {} are{}", options.name, one_of(kNames), suggestion(options.name, kNames));
  const DType activations = without_tf32(options);
#if FGAN_HAVE_ONEDNN
  return make_cpu_device(options.threads, activations, options.conv);
#else
  if (options.name == "auto") return make_naive_device(activations);
  fail(Exit::device, "device = cpu is not in this build, which was made without oneDNN (FGAN_ONEDNN=OFF); use device = naive");
#endif
}

}  // namespace fgan
