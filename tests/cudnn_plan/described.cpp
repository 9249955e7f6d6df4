#include "cudnn_plan/described.h"

#include <dlfcn.h>

#include "base/error.h"
#include "device/cuda/libraries.h"

extern "C" int cuDriverGetVersion(int*);  // driver.cpp's, not the machine's: the linker keeps the library that is called

namespace fgan {
namespace {

cuda::Api load() {
  int version = 0;
  cuDriverGetVersion(&version);
  const auto folders = cuda::library_folders(cuda::surroundings());
  cuda::load_library({"libnvrtc.so.13", "libnvrtc.so.12"}, folders);  // cuDNN asks for it by name
  void* library = cuda::load_library({"libcudnn.so.9"}, folders);
  if (library == nullptr) fail(Exit::device, "libcudnn.so.9 is not found, but its headers were: install both (driver {})", version);
  cuda::Api api;
#define FGAN_FIND(function) api.function = reinterpret_cast<decltype(api.function)>(dlsym(library, #function));
  FGAN_CUDNN(FGAN_FIND)
#undef FGAN_FIND
  return api;
}

struct Record {
  const char* name;
  int architecture, multiprocessors;
  int shared_bytes;  // a block may have, when it asks
  long long memory_bytes, l2_bytes;
  int clock_khz, memory_clock_khz;
};
constexpr Record kA100{"NVIDIA A100-SXM4-80GB", 800, 108, 166912, 85899345920, 41943040, 1410000, 1593000};
constexpr Record kH100{"NVIDIA H100 80GB HBM3", 900, 132, 232448, 85899345920, 52428800, 1980000, 2619000};

const Record& record(Gpu gpu) { return gpu == Gpu::a100 ? kA100 : kH100; }

}  // namespace

const cuda::Api& cudnn() {
  static const cuda::Api api = load();
  return api;
}

std::string name(Gpu gpu) { return gpu == Gpu::a100 ? "sm_80" : "sm_90"; }

cuda::Descriptor properties(Gpu gpu) {
  const Record& r = record(gpu);
  const std::string json =
      format(R"({{"cudnnVersion":{},"schemaVersion":1,"deviceName":"{}","deviceVer":{},"driverVer":13000,"cudaDeviceId":0,"pciDeviceId":0,)"
             R"("multiProcessorCount":{},"warpSize":32,"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],)"
             R"("maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,"maxCtasPerSM":32,"regsPerBlock":65536,"maxRegistersPerSM":65536,)"
             R"("maxSharedMemoryPerBlock":49152,"maxSharedMemoryPerBlockOptin":{},"reservedSharedMemoryPerBlock":1024,)"
             R"("totalGlobalMem":{},"l2CacheSize":{},"smClockRateKHz":{},"memClockRateKHz":{},"isTccDriver":0,"supportCoopLaunch":1}})",
             cudnn().cudnnGetVersion(), r.name, r.architecture, r.multiprocessors, r.shared_bytes, r.memory_bytes, r.l2_bytes, r.clock_khz,
             r.memory_clock_khz);
  cuda::Descriptor made(cudnn(), CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
  made.set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, static_cast<std::int64_t>(json.size()) + 1, json.c_str()).finalize();
  return made;
}

}  // namespace fgan
