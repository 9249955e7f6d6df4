#include "device/cuda/device.h"

#include <nvtx3/nvToolsExt.h>

#include "base/error.h"
#include "base/log.h"
#include "device/cuda/memory.h"
#include "device/cuda/ops.h"
#include "device/cuda/tally.h"

namespace fgan {
namespace {

using cuda::Api, cuda::Owned;

class CudaBuffer final : public Buffer {
 public:
  CudaBuffer(cuda::DeviceMemory memory, std::size_t bytes) : memory_(std::move(memory)), bytes_(bytes) {}
  void* data() override { return memory_.get(); }
  std::size_t bytes() const override { return bytes_; }

 private:
  cuda::DeviceMemory memory_;
  std::size_t bytes_;
};

class CudaQueue final : public Queue {
 public:
  explicit CudaQueue(const Api& api) : api_(api), stream_(nullptr, api.cudaStreamDestroy) {
    cudaStream_t stream = nullptr;
    FGAN_CALL(api, cudaStreamCreateWithFlags, &stream, cudaStreamNonBlocking);
    stream_.reset(stream);
  }
  cudaStream_t stream() const { return stream_.get(); }
  void wait() override { FGAN_CALL(api_, cudaStreamSynchronize, stream_.get()); }

 private:
  const Api& api_;
  Owned<cudaStream_t> stream_;
};

// Between begin and end what is enqueued on the stream is collected and not run.  Relaxed: libraries may load a kernel at its first use,
// which the stricter modes forbid; that nothing of ours allocates meanwhile is checked by allocate and Scratch.
class Capture {
 public:
  Capture(const Api& api, cudaStream_t stream, bool& recording) : api_(api), stream_(stream), recording_(recording) {
    FGAN_CALL(api, cudaStreamBeginCapture, stream, cudaStreamCaptureModeRelaxed);
    recording_ = true;
  }
  Capture(const Capture&) = delete;
  ~Capture() {
    if (!recording_) return;
    cudaGraph_t graph = nullptr;
    if (end(graph) == cudaSuccess) api_.cudaGraphDestroy(graph);
    else api_.cudaGetLastError();
  }
  Owned<cudaGraph_t> finish() {
    cudaGraph_t graph = nullptr;
    cuda::check(api_, end(graph), "cudaStreamEndCapture");
    return {graph, api_.cudaGraphDestroy};
  }

 private:
  cudaError_t end(cudaGraph_t& graph) {
    recording_ = false;
    return api_.cudaStreamEndCapture(stream_, &graph);
  }

  const Api& api_;
  cudaStream_t stream_;
  bool& recording_;
};

class CudaRecording final : public Recording {
 public:
  CudaRecording(const Api& api, cudaStream_t stream, cudaGraph_t graph, std::vector<Work> work)
      : api_(api), stream_(stream), executable_(nullptr, api.cudaGraphExecDestroy), work_(std::move(work)) {
    std::size_t nodes = 0;
    FGAN_CALL(api, cudaGraphGetNodes, graph, nullptr, &nodes);
    cudaGraphExec_t executable = nullptr;
    FGAN_CALL(api, cudaGraphInstantiate, &executable, graph, 0);
    executable_.reset(executable);
    log::debug("recorded a graph of {} nodes", nodes);
  }
  void replay() override { FGAN_CALL(api_, cudaGraphLaunch, executable_.get(), stream_); }
  std::span<const Work> work() const override { return work_; }

 private:
  const Api& api_;
  cudaStream_t stream_;
  Owned<cudaGraphExec_t> executable_;
  std::vector<Work> work_;
};

// Makes the GPU ready for this thread before anything else is asked of it.
cudaDeviceProp open(const Api& api, int gpu) {
  if (const std::string reason = cuda::why_not(api, gpu); !reason.empty()) fail(Exit::device, "no CUDA device: {}", reason);
  FGAN_CALL(api, cudaSetDevice, gpu);
  cudaDeviceProp properties{};
  FGAN_CALL(api, cudaGetDeviceProperties, &properties, gpu);
  return properties;
}

class CudaDevice final : public Device {
 public:
  CudaDevice(const DeviceOptions& options, const Api& api, const std::filesystem::path& plan_file, int gpu)
      : api_(api),
        options_(options),
        properties_(open(api, gpu)),
        queue_(api),
        staging_(api, queue_.stream()),
        tally_(recording_),
        ops_(api, queue_.stream(), options, machine(), plan_file, recording_, tally_) {}

  std::string description() const override {
    int driver = 0, runtime = 0;
    FGAN_CALL(api_, cudaDriverGetVersion, &driver);
    FGAN_CALL(api_, cudaRuntimeGetVersion, &runtime);
    return format("cuda: {}, {}, {} GiB, driver for CUDA {}, runtime {}, cuDNN {}, cuBLASLt {}, products in {}{}", properties_.name, isa(),
                  properties_.totalGlobalMem >> 30, cuda::runtime_version(driver), cuda::runtime_version(runtime),
                  cuda::library_version(api_.cudnnGetVersion()), cuda::library_version(api_.cublasLtGetVersion()),
                  to_string(options_.dtype), options_.deterministic ? ", deterministic plans" : "");
  }
  std::string isa() const override { return format("sm_{}{}", properties_.major, properties_.minor); }
  DType activations() const override { return options_.dtype == ComputeType::bf16 ? DType::bf16 : DType::f32; }
  Queue& queue() override { return queue_; }
  Ops& ops() override { return ops_; }

  std::string choices() const override { return ops_.convolutions().choices(); }
  void adopt(std::string_view choices) override { ops_.convolutions().adopt(choices); }
  std::size_t workspace_bytes() const override { return ops_.workspace_bytes(); }
  void begin_range(const char* name) override { nvtxRangePushA(name); }
  void end_range() override { nvtxRangePop(); }

  std::unique_ptr<Buffer> allocate(std::size_t bytes) override {
    FGAN_CHECK(!recording_, "{} bytes were to be allocated while a recording was made", bytes);
    cuda::DeviceMemory memory = cuda::allocate(api_, bytes);
    if (bytes > 0) FGAN_CALL(api_, cudaMemsetAsync, memory.get(), 0, bytes, queue_.stream());
    return std::make_unique<CudaBuffer>(std::move(memory), bytes);
  }

  std::unique_ptr<Recording> record(std::function<void(Queue&)> work) override {
    ops_.settle();
    tally_.take();  // what a recording that failed left behind
    Capture capture(api_, queue_.stream(), recording_);
    work(queue_);
    const Owned<cudaGraph_t> graph = capture.finish();
    return std::make_unique<CudaRecording>(api_, queue_.stream(), graph.get(), tally_.take());
  }

  void upload(void* device, const void* host, std::size_t bytes) override { staging_.upload(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override {
    FGAN_CALL(api_, cudaMemcpyAsync, host, device, bytes, cudaMemcpyDeviceToHost, queue_.stream());
    queue_.wait();
  }

 private:
  std::string machine() const { return format("{} {}", properties_.name, isa()); }

  const Api& api_;
  DeviceOptions options_;
  cudaDeviceProp properties_;
  bool recording_ = false;
  CudaQueue queue_;
  cuda::Staging staging_;
  cuda::Tally tally_;
  CudaOps ops_;
};

}  // namespace

std::unique_ptr<Device> make_cuda_device(const DeviceOptions& options, const Api& api, const std::filesystem::path& plan_file, int gpu) {
  return std::make_unique<CudaDevice>(options, api, plan_file, gpu);
}

}  // namespace fgan
