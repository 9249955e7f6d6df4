#include "device/cuda/api.h"

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <tuple>
#include <vector>

#include "base/format.h"
#include "device/cuda/libraries.h"

namespace fgan::cuda {
namespace {

constexpr int kOldestCompute = 8;  // kernels are built for sm_80 and newer

struct Loaded {
  Api api;
  std::string reason;
};

std::string text_of(const std::vector<std::filesystem::path>& folders) {
  std::string text = "the loader's own folders";
  for (const auto& folder : folders) text += ", " + folder.string();
  return text;
}

// The libraries' functions, by name; what is missing is named in `reason`.
class Functions {
 public:
  Functions(const char* what, void* library, std::string& reason) : what_(what), library_(library), reason_(reason) {}
  template <class F>
  void find(F& function, const char* name) {
    function = reinterpret_cast<F>(dlsym(library_, name));
    if (function == nullptr && reason_.empty()) reason_ = format("this {} has no function {}", what_, name);
  }

 private:
  const char* what_;
  void* library_;
  std::string& reason_;
};

void load_libraries(Loaded& loaded) {
  Api& api = loaded.api;
  const auto folders = library_folders(surroundings());
  void* cublas = load_library({"libcublasLt.so.13", "libcublasLt.so.12"}, folders);
  load_library({"libnvrtc.so.13", "libnvrtc.so.12"}, folders);  // cuDNN asks for it by this name
  void* cudnn = load_library({"libcudnn.so.9"}, folders);
  for (const auto& [library, name, package] :
       {std::tuple{cublas, "libcublasLt.so.13", "nvidia-cublas"}, std::tuple{cudnn, "libcudnn.so.9", "nvidia-cudnn-cu13"}})
    if (library == nullptr) {
      loaded.reason =
          format("{} is not found; looked in {}; FGAN_CUDA_LIBRARIES=FOLDER names another folder, and pip install {} brings it along", name,
                 text_of(folders), package);
      return;
    }
#define FGAN_FIND(name) functions.find(api.name, #name);
  {
    Functions functions("libcublasLt", cublas, loaded.reason);
    FGAN_CUBLASLT(FGAN_FIND)
  }
  {
    Functions functions("libcudnn", cudnn, loaded.reason);
    FGAN_CUDNN(FGAN_FIND)
  }
#undef FGAN_FIND
}

Loaded load() {
  Loaded loaded;
#define FGAN_TAKE(name) loaded.api.name = &::name;
  FGAN_CUDA_RUNTIME(FGAN_TAKE)
#undef FGAN_TAKE
  loaded.reason = why_not(loaded.api);
  if (loaded.reason.empty()) load_libraries(loaded);
  return loaded;
}

}  // namespace

const Api* real_api(std::string& reason) {
  static const Loaded loaded = load();
  reason = loaded.reason;
  return reason.empty() ? &loaded.api : nullptr;
}

std::string why_not(const Api& api, int gpu) {
  int driver = 0, runtime = 0, count = 0;
  if (api.cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) return "there is no NVIDIA driver on this machine";
  if (api.cudaRuntimeGetVersion(&runtime) != cudaSuccess) return "the CUDA runtime does not start";
  const cudaError_t error = api.cudaGetDeviceCount(&count);
  if (error == cudaErrorInsufficientDriver || driver / 1000 < runtime / 1000)
    return format("the NVIDIA driver is too old: it serves CUDA {}, this program needs {}.0 or newer; update the driver",
                  runtime_version(driver), runtime / 1000);
  if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0))
    return "the NVIDIA driver sees no GPU (CUDA_VISIBLE_DEVICES may hide it)";
  if (error != cudaSuccess) return format("the NVIDIA driver does not start: {}", api.cudaGetErrorString(error));
  if (gpu >= count)
    return format("cuda:{} is not there: the NVIDIA driver sees {} GPU{}, counted from 0", gpu, count, count == 1 ? "" : "s");
  cudaDeviceProp properties{};
  if (const cudaError_t e = api.cudaGetDeviceProperties(&properties, gpu); e != cudaSuccess)
    return format("the GPU does not answer: {}", api.cudaGetErrorString(e));
  if (properties.major < kOldestCompute)
    return format("{} is of compute capability {}.{}, this program has kernels for {}.0 and newer", properties.name, properties.major,
                  properties.minor, kOldestCompute);
  return "";
}

bool hardware_seems_present() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::exists("/dev/nvidiactl", ignored) || fs::exists("/proc/driver/nvidia/version", ignored)) return true;
  for (const auto& entry : fs::directory_iterator("/sys/bus/pci/devices", ignored)) {
    std::string vendor, kind;
    std::ifstream(entry.path() / "vendor") >> vendor;
    std::ifstream(entry.path() / "class") >> kind;
    if (vendor == "0x10de" && kind.starts_with("0x03")) return true;  // NVIDIA; display and 3D controllers
  }
  return false;
}

std::string runtime_version(int number) { return format("{}.{}", number / 1000, number % 1000 / 10); }
std::string library_version(std::size_t number) { return format("{}.{}.{}", number / 10000, number / 100 % 100, number % 100); }

}  // namespace fgan::cuda
