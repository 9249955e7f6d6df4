// The CUDA runtime.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/format.h"
#include "double/state.h"
#include "math/bf16.h"

namespace fgan::cuda_double {
namespace {

constexpr const char *kStream = "stream", *kGraph = "graph", *kExecutable = "executable graph", *kEvent = "event";
constexpr int kUnwritten = 0xff;                       // f32: not a number
constexpr std::size_t kFilled = std::size_t{1} << 18;  // of each allocation: to fill a ring of 32 MiB takes longer than a step

struct Event {
  bool done = true;
  double clock = 0;
};

State* current = nullptr;

template <class F>
cudaError_t runtime(const char* name, const F& f) {
  const cudaError_t error = call(name, state().error, [&]() -> cudaError_t { return f(); });
  if (error != cudaSuccess) state().last = error;
  return error;
}

// What waits, allocates or frees is not allowed while a stream is captured, and ends the capture.
template <class F>
cudaError_t outside_capture(const char* name, const F& f) {
  return runtime(name, [&] {
    if (!capturing()) return f();
    for (const auto& [object, kind] : state().live)
      if (kind == kStream) static_cast<Stream*>(const_cast<void*>(object))->broken = true;
    return cudaErrorStreamCaptureUnsupported;
  });
}

cudaError_t allocate(std::map<std::byte*, std::size_t>& place, void** data, std::size_t bytes) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 256, std::max<std::size_t>(bytes, 1)) != 0) return cudaErrorMemoryAllocation;
  std::memset(memory, kUnwritten, std::min(bytes, kFilled));
  place[static_cast<std::byte*>(memory)] = bytes;
  *data = memory;
  return cudaSuccess;
}

bool release(std::map<std::byte*, std::size_t>& place, void* data) {
  const auto found = place.find(static_cast<std::byte*>(data));
  if (found == place.end()) throw Misuse("memory is freed that was not allocated");
  place.erase(found);
  std::free(data);
  return true;
}

cudaError_t device_malloc(void** data, std::size_t bytes) {
  return outside_capture("cudaMalloc", [&] {
    State& s = state();
    *data = nullptr;
    if (bytes > s.machine.memory - s.used) return cudaErrorMemoryAllocation;
    s.used += bytes;
    return allocate(s.memory, data, bytes);
  });
}

cudaError_t device_free(void* data) {
  return outside_capture("cudaFree", [&] {
    if (data == nullptr) return cudaSuccess;
    const auto found = state().memory.find(static_cast<std::byte*>(data));
    if (found != state().memory.end()) state().used -= found->second;
    release(state().memory, data);
    return cudaSuccess;
  });
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return runtime("cudaMemcpyAsync", [&] {
    if (kind != cudaMemcpyHostToDevice && kind != cudaMemcpyDeviceToHost && kind != cudaMemcpyDeviceToDevice) return cudaErrorInvalidValue;
    enqueue(stream, [=] {
      if (kind != cudaMemcpyDeviceToHost) check_device_memory(to, bytes, "the target of a copy");
      if (kind != cudaMemcpyHostToDevice) check_device_memory(from, bytes, "the source of a copy");
      std::memmove(to, from, bytes);
    });
    return cudaSuccess;
  });
}

cudaError_t end_capture(cudaStream_t handle, cudaGraph_t* graph) {
  *graph = nullptr;
  auto& stream = existing<Stream>(handle, kStream);
  const bool broken = stream.broken;
  std::vector<Work> collected = std::move(stream.collected);
  if (!stream.capturing) return cudaErrorIllegalState;
  stream = {};
  const cudaError_t error = runtime("cudaStreamEndCapture", [&] { return broken ? cudaErrorStreamCaptureInvalidated : cudaSuccess; });
  if (error != cudaSuccess) return error;
  auto* made = make<Graph>(kGraph);
  made->nodes = std::move(collected);
  *graph = reinterpret_cast<cudaGraph_t>(made);
  return cudaSuccess;
}

cudaError_t properties(cudaDeviceProp* p, int device) {
  return runtime("cudaGetDeviceProperties", [&] {
    if (device >= state().machine.devices) return cudaErrorInvalidDevice;
    *p = {};
    std::strcpy(p->name, "a GPU of the imagination");
    p->major = state().machine.compute / 10;
    p->minor = state().machine.compute % 10;
    p->multiProcessorCount = 132;
    p->totalGlobalMem = state().machine.memory;
    return cudaSuccess;
  });
}

const char* error_name(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorIllegalAddress: return "an illegal memory access was encountered";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorStreamCaptureInvalidated: return "operation failed due to a previous error during capture";
    default: return "unknown error";
  }
}

void fill_queries(cuda::Api& api) {
  api.cudaGetDeviceCount = [](int* count) {
    return runtime("cudaGetDeviceCount", [&] {
      *count = state().machine.devices;
      if (state().machine.driver / 1000 < state().machine.runtime / 1000) return cudaErrorInsufficientDriver;
      return *count == 0 ? cudaErrorNoDevice : cudaSuccess;
    });
  };
  api.cudaSetDevice = [](int device) {
    return runtime("cudaSetDevice", [&] {
      state().device = device;
      return device < state().machine.devices ? cudaSuccess : cudaErrorInvalidDevice;
    });
  };
  api.cudaGetDeviceProperties = properties;
  api.cudaRuntimeGetVersion = [](int* version) {
    return runtime("cudaRuntimeGetVersion", [&] { return *version = state().machine.runtime, cudaSuccess; });
  };
  api.cudaDriverGetVersion = [](int* version) {
    return runtime("cudaDriverGetVersion", [&] { return *version = state().machine.driver, cudaSuccess; });
  };
  api.cudaMemGetInfo = [](std::size_t* free, std::size_t* total) {
    return runtime("cudaMemGetInfo", [&] {
      *total = state().machine.memory;
      *free = *total - state().used;
      return cudaSuccess;
    });
  };
  api.cudaGetLastError = [] { return std::exchange(state().last, cudaSuccess); };
  api.cudaGetErrorString = error_name;
}

void fill_memory(cuda::Api& api) {
  api.cudaMalloc = device_malloc;
  api.cudaFree = device_free;
  api.cudaMallocHost = [](void** data, std::size_t bytes) {
    return outside_capture("cudaMallocHost", [&] { return allocate(state().pinned, data, bytes); });
  };
  api.cudaFreeHost = [](void* data) { return outside_capture("cudaFreeHost", [&] { return release(state().pinned, data), cudaSuccess; }); };
  api.cudaMemcpyAsync = copy;
  api.cudaMemsetAsync = [](void* data, int value, std::size_t bytes, cudaStream_t stream) {
    return runtime("cudaMemsetAsync", [&] {
      enqueue(stream, [=] {
        check_device_memory(data, bytes, "what is set");
        std::memset(data, value, bytes);
      });
      return cudaSuccess;
    });
  };
}

void fill_streams(cuda::Api& api) {
  api.cudaStreamCreateWithFlags = [](cudaStream_t* stream, unsigned) {
    return outside_capture("cudaStreamCreateWithFlags",
                           [&] { return *stream = reinterpret_cast<cudaStream_t>(make<Stream>(kStream)), cudaSuccess; });
  };
  api.cudaStreamDestroy = [](cudaStream_t stream) {
    return runtime("cudaStreamDestroy", [&] { return destroy<Stream>(stream, kStream), cudaSuccess; });
  };
  api.cudaStreamSynchronize = [](cudaStream_t stream) {
    return outside_capture("cudaStreamSynchronize", [&] { return existing<Stream>(stream, kStream), cudaSuccess; });
  };
  api.cudaStreamBeginCapture = [](cudaStream_t stream, cudaStreamCaptureMode) {
    return outside_capture("cudaStreamBeginCapture", [&] { return existing<Stream>(stream, kStream).capturing = true, cudaSuccess; });
  };
  api.cudaStreamEndCapture = end_capture;
  api.cudaEventCreateWithFlags = [](cudaEvent_t* event, unsigned) {
    return runtime("cudaEventCreateWithFlags", [&] { return *event = reinterpret_cast<cudaEvent_t>(make<Event>(kEvent)), cudaSuccess; });
  };
  api.cudaEventDestroy = [](cudaEvent_t event) {
    return runtime("cudaEventDestroy", [&] { return destroy<Event>(event, kEvent), cudaSuccess; });
  };
  api.cudaEventRecord = [](cudaEvent_t event, cudaStream_t stream) {
    return runtime("cudaEventRecord", [&] {
      existing<Stream>(stream, kStream);
      existing<Event>(event, kEvent) = {!state().machine.slow_events, state().clock};
      return cudaSuccess;
    });
  };
  api.cudaEventQuery = [](cudaEvent_t event) {
    return runtime("cudaEventQuery", [&] { return existing<Event>(event, kEvent).done ? cudaSuccess : cudaErrorNotReady; });
  };
  api.cudaEventSynchronize = [](cudaEvent_t event) {
    return outside_capture("cudaEventSynchronize", [&] { return existing<Event>(event, kEvent).done = true, cudaSuccess; });
  };
  api.cudaEventElapsedTime = [](float* milliseconds, cudaEvent_t start, cudaEvent_t stop) {
    return runtime("cudaEventElapsedTime", [&] {
      *milliseconds = static_cast<float>(existing<Event>(stop, kEvent).clock - existing<Event>(start, kEvent).clock);
      return cudaSuccess;
    });
  };
}

void fill_graphs(cuda::Api& api) {
  api.cudaGraphGetNodes = [](cudaGraph_t graph, cudaGraphNode_t*, std::size_t* count) {
    return runtime("cudaGraphGetNodes", [&] { return *count = existing<Graph>(graph, kGraph).nodes.size(), cudaSuccess; });
  };
  api.cudaGraphInstantiate = [](cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
    return outside_capture("cudaGraphInstantiate", [&] {
      const auto& from = existing<Graph>(graph, kGraph);
      auto* made = make<Graph>(kExecutable);
      made->nodes = from.nodes;
      state().graphs.push_back(made->nodes.size());
      *executable = reinterpret_cast<cudaGraphExec_t>(made);
      return cudaSuccess;
    });
  };
  api.cudaGraphLaunch = [](cudaGraphExec_t executable, cudaStream_t stream) {
    return runtime("cudaGraphLaunch", [&] {
      existing<Stream>(stream, kStream);
      for (const Work& node : existing<Graph>(executable, kExecutable).nodes) node();
      return cudaSuccess;
    });
  };
  api.cudaGraphDestroy = [](cudaGraph_t graph) {
    return runtime("cudaGraphDestroy", [&] { return destroy<Graph>(graph, kGraph), cudaSuccess; });
  };
  api.cudaGraphExecDestroy = [](cudaGraphExec_t graph) {
    return runtime("cudaGraphExecDestroy", [&] { return destroy<Graph>(graph, kExecutable), cudaSuccess; });
  };
}

}  // namespace

State& state() {
  if (current == nullptr) throw Misuse("there is no double");
  return *current;
}

bool capturing() {
  return std::any_of(state().live.begin(), state().live.end(),
                     [](const auto& entry) { return entry.second == kStream && static_cast<const Stream*>(entry.first)->capturing; });
}

void enqueue(cudaStream_t handle, Work work) {
  auto& stream = existing<Stream>(handle, kStream);
  if (stream.capturing) stream.collected.push_back(std::move(work));
  else work();
}

void check_device_memory(const void* data, std::size_t bytes, const char* what) {
  const auto* first = static_cast<const std::byte*>(data);
  auto above = state().memory.upper_bound(const_cast<std::byte*>(first));
  if (above == state().memory.begin()) throw Misuse(format("{} is not in device memory", what));
  --above;
  if (first + bytes > above->first + above->second)
    throw Misuse(format("{}: {} bytes from byte {} of an allocation of {}", what, bytes, first - above->first, above->second));
}

double load(const void* data, bool bf16, std::int64_t at) {
  return static_cast<double>(bf16 ? math::to_float(static_cast<const math::Bf16*>(data)[at]) : static_cast<const float*>(data)[at]);
}

void store(void* data, bool bf16, std::int64_t at, double value) {
  if (bf16) static_cast<math::Bf16*>(data)[at] = math::to_bf16(static_cast<float>(value));
  else static_cast<float*>(data)[at] = static_cast<float>(value);
}

void fill_runtime(cuda::Api& api) {
  fill_queries(api);
  fill_memory(api);
  fill_streams(api);
  fill_graphs(api);
}

Double::Double(const Machine& machine) : state_(std::make_unique<State>()) {
  if (current != nullptr) throw Misuse("there is another double");
  current = state_.get();
  current->machine = machine;
  fill_runtime(api_);
  fill_cublaslt(api_);
  fill_cudnn(api_);
  current->sink_before = shim::set_sink([](cudaStream_t stream, const shim::Launch& launch) {
    enqueue(stream, [launch] {
      ++state().launches;
      shim::run(launch);
    });
  });
}

Double::~Double() {
  shim::set_sink(state_->sink_before);
  for (auto& [data, bytes] : state_->memory) std::free(data);
  for (auto& [data, bytes] : state_->pinned) std::free(data);
  current = nullptr;
}

Machine& Double::machine() { return state_->machine; }
int Double::gpu() const { return state_->device; }
long Double::calls() const { return state_->total; }
long Double::calls(const std::string& function) const { return state_->calls.contains(function) ? state_->calls.at(function) : 0; }
long Double::launches() const { return state_->launches; }
long Double::library_bytes() const { return state_->library_bytes; }

void Double::forget_calls() {
  state_->calls.clear();
  state_->graphs.clear();
  state_->total = state_->fail_at = state_->launches = state_->library_bytes = 0;
  state_->failed.clear();
}

void Double::fail_call(long n, cudaError_t error) {
  state_->fail_at = state_->total + n;
  state_->error = error;
  state_->failed.clear();
}

std::string Double::failed() const { return state_->failed; }
std::vector<std::size_t> Double::graphs() const { return state_->graphs; }

std::string Double::leaks() const {
  std::string text;
  for (const auto& [data, bytes] : state_->memory) text += format("{} bytes of device memory; ", bytes);
  for (const auto& [data, bytes] : state_->pinned) text += format("{} bytes of page-locked memory; ", bytes);
  for (const auto& [object, kind] : state_->live) text += format("a {}; ", kind);
  return text;
}

}  // namespace fgan::cuda_double
