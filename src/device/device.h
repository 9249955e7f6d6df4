// What the rest of the program knows of a device.  A step is a recording: everything is enqueued, nothing allocates or waits, and what
// changes between replays (step number, noise, learning rate) is computed on the device from counters that the recording advances.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "tensor/tensor.h"

namespace fgan {

class Ops;

// Device memory.  Freed by its owner's destructor.
class Buffer {
 public:
  virtual ~Buffer() = default;
  virtual void* data() = 0;
  virtual std::size_t bytes() const = 0;
};

// Work in order: a CUDA stream, or plain calls on a CPU.
class Queue {
 public:
  virtual ~Queue() = default;
  virtual void wait() = 0;  // until all enqueued work is done; only observers call it
};

// One kernel, call of a library or copy on a GPU.  Bytes of device memory, each tensor once, however often a cache is asked for it;
// flops of the libraries only, a multiply-add being two: all else is bound by its bytes.
struct Work {
  const char* name;
  std::int64_t read = 0, written = 0;
  double flops = 0;
};

// A recorded piece of work that can be enqueued again at the same addresses: a captured CUDA graph, or the closure itself.
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void replay() = 0;                                 // enqueues
  virtual std::span<const Work> work() const { return {}; }  // of one replay, in order; empty where nobody counts
};

class Device {
 public:
  virtual ~Device() = default;
  virtual std::string description() const = 0;                      // one line for logs: model, instruction set, threads, library versions
  virtual std::string isa() const = 0;                              // short: "avx512_core", "avx2", "sm_90"
  virtual DType activations() const { return DType::f32; }          // bf16: what [t] in ops.h should be
  virtual int threads() const { return 1; }                         // results are equal to the byte only at equal numbers
  virtual std::unique_ptr<Buffer> allocate(std::size_t bytes) = 0;  // zeroed; throws Error(device) when there is not enough
  virtual Queue& queue() = 0;
  virtual Ops& ops() = 0;
  virtual std::unique_ptr<Recording> record(std::function<void(Queue&)> work) = 0;
  // Copies between host and device memory, enqueued; `download` waits, `upload` may return before the device has read only if the
  // source is kept by the implementation.
  virtual void upload(void* device, const void* host, std::size_t bytes) = 0;
  virtual void download(void* host, const void* device, std::size_t bytes) = 0;
  virtual std::size_t workspace_bytes() const { return 0; }  // of its own, for what was prepared so far, beside what is allocated here
  // What profilers show around what is enqueued between the two, which nest; Range calls them.
  virtual void begin_range(const char* /*name*/) {}
  virtual void end_range() {}
  // What was picked among ways to compute the same (a GPU's plans for convolutions), as text; empty where nothing is picked.  Adopted
  // before anything is prepared, it is picked again: so a run that continues computes as it did before.
  virtual std::string choices() const { return {}; }
  virtual void adopt(std::string_view /*choices*/) {}
};

// A named stretch of a profile (NVTX on a GPU), as long as the scope.
class Range {
 public:
  Range(Device& device, const char* name) : device_(device) { device_.begin_range(name); }
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;
  ~Range() { device_.end_range(); }

 private:
  Device& device_;
};

// What products compute in.  bf16: weights, activations and gradients of filters are rounded to it; sums, statistics and updates stay f32.
enum class ComputeType : int { f32, tf32, bf16 };
template <>
struct EnumNames<ComputeType> {
  static constexpr std::array<std::string_view, 3> names{"f32", "tf32", "bf16"};
};

// How the cpu computes convolutions of kernel 4, stride 2 and padding 1.
enum class ConvRoute : int { automatic, direct, winograd };
template <>
struct EnumNames<ConvRoute> {
  static constexpr std::array<std::string_view, 3> names{"auto", "direct", "winograd"};
};

struct DeviceOptions {
  std::string name = "auto";  // auto | cuda | cuda:N | cpu | naive
  int threads = 0;
  ComputeType dtype = ComputeType::f32;
  bool deterministic = false;
  ConvRoute conv = ConvRoute::automatic;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "name",
             .help = "auto, cuda, cuda:N (GPU number N), cpu or naive (slow, for comparison)",
             .short_name = "device",
             .affects_result = false},
      name);
    v(Option{.key = "threads",
             .help = "of the CPU; 0: all this process may use",
             .min = 0,
             .max = 4096,
             .short_name = "threads",
             .affects_result = false},
      threads);
    v(Option{.key = "dtype",
             .help =
                 "what products compute in: f32; tf32 (cuda); bf16, with f32 weights beside it (cuda; cpu with avx512_bf16 or AMX; naive)",
             .short_name = "dtype"},
      dtype);
    v(Option{.key = "deterministic", .help = "cuda: only plans that repeat to the bit, by a fixed rule", .short_name = "deterministic"},
      deterministic);
    v(Option{.key = "conv",
             .help = "cpu: convolutions of stride 2 directly, by Winograd's algorithm (docs/winograd.md), or as is faster for their shape",
             .short_name = "conv"},
      conv);
  }
};

// Devices this build knows, best first, with whether this machine has them.
struct DeviceInfo {
  std::string name, what;
  bool available;
};
std::vector<DeviceInfo> list_devices();

// Throws Error(device) when the device is not there, Error(usage) for an unknown name.
std::unique_ptr<Device> make_device(const DeviceOptions& options);

}  // namespace fgan
