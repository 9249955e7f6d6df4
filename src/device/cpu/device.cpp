#include "device/cpu/device.h"

#include <cstring>

#include "base/error.h"
#include "base/format.h"
#include "base/processor.h"
#include "device/cpu/memory.h"
#include "device/cpu/onednn.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

class CpuBuffer final : public Buffer {
 public:
  explicit CpuBuffer(std::size_t bytes) : memory_(bytes) {}
  void* data() override { return memory_.data(); }
  std::size_t bytes() const override { return memory_.bytes(); }

 private:
  Memory memory_;
};

class CpuQueue final : public Queue {
 public:
  void wait() override {}  // ops are done when they return
};

class CpuRecording final : public Recording {
 public:
  CpuRecording(Queue& queue, std::function<void(Queue&)> work) : queue_(queue), work_(std::move(work)) {}
  void replay() override { work_(queue_); }

 private:
  Queue& queue_;
  std::function<void(Queue&)> work_;
};

class CpuDevice final : public Device {
 public:
  CpuDevice(const Team& team, DType activations, ConvRoute route)
      : team_(team), activations_(activations), ops_(team, activations, route) {}
  std::string description() const override {
    return format("cpu: {}, oneDNN {} with {}, {} thread{}", processor_name(), OneDnn::version(), OneDnn::isa(), team_.threads(),
                  team_.threads() == 1 ? "" : "s");
  }
  std::string isa() const override { return OneDnn::isa(); }
  DType activations() const override { return activations_; }
  int threads() const override { return team_.threads(); }
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return std::make_unique<CpuBuffer>(bytes); }
  std::size_t workspace_bytes() const override { return ops_.workspace_bytes(); }
  Queue& queue() override { return queue_; }
  Ops& ops() override { return ops_; }
  std::unique_ptr<Recording> record(std::function<void(Queue&)> work) override {
    return std::make_unique<CpuRecording>(queue_, std::move(work));
  }
  void upload(void* device, const void* host, std::size_t bytes) override { std::memcpy(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override { std::memcpy(host, device, bytes); }

 private:
  Team team_;
  DType activations_;
  CpuQueue queue_;
  CpuOps ops_;
};

}  // namespace

std::unique_ptr<Device> make_cpu_device(int threads, DType activations, ConvRoute route) {
  if (activations == DType::bf16 && !OneDnn::computes_in_bf16())
    fail(Exit::device, "device.dtype = bf16 needs a processor with avx512_bf16 or AMX: oneDNN {} finds {} here; dtype = f32 needs neither",
         OneDnn::version(), OneDnn::isa());
  if (activations == DType::bf16 && route == ConvRoute::winograd)
    fail(Exit::usage, "device.conv = winograd computes in f32: in bf16 it would lose too many digits");
  const Team team(threads);
  team.adopt();
  return std::make_unique<CpuDevice>(team, activations, route);
}

}  // namespace fgan
