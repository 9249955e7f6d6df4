#include "device/naive/device.h"

#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include "base/error.h"
#include "device/naive/ops.h"

namespace fgan {
namespace {

class NaiveBuffer final : public Buffer {
 public:
  explicit NaiveBuffer(std::size_t bytes) : bytes_(bytes), words_((bytes + 7) / 8) {}
  void* data() override { return words_.data(); }
  std::size_t bytes() const override { return bytes_; }

 private:
  std::size_t bytes_;
  std::vector<std::uint64_t> words_;
};

class NaiveQueue final : public Queue {
 public:
  void wait() override {}
};

class NaiveRecording final : public Recording {
 public:
  NaiveRecording(Queue& queue, std::function<void(Queue&)> work) : queue_(queue), work_(std::move(work)) {}
  void replay() override { work_(queue_); }

 private:
  Queue& queue_;
  std::function<void(Queue&)> work_;
};

class NaiveDevice final : public Device {
 public:
  explicit NaiveDevice(DType activations) : activations_(activations) {}
  std::string description() const override {
    return format("naive: plain loops with sums in double{}, one thread", activations_ == DType::bf16 ? ", rounded to bf16" : "");
  }
  std::string isa() const override { return "naive"; }
  DType activations() const override { return activations_; }
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override {
    try {
      if (bytes > PTRDIFF_MAX / 2) throw std::bad_alloc();
      return std::make_unique<NaiveBuffer>(bytes);
    } catch (const std::exception&) {  // bad_alloc, or a length no vector can have
      fail(Exit::device, "not enough memory for another {} MiB; a smaller batch, width or image needs less", bytes >> 20);
    }
  }
  Queue& queue() override { return queue_; }
  Ops& ops() override { return ops_; }
  std::unique_ptr<Recording> record(std::function<void(Queue&)> work) override {
    return std::make_unique<NaiveRecording>(queue_, std::move(work));
  }
  void upload(void* device, const void* host, std::size_t bytes) override { std::memcpy(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override { std::memcpy(host, device, bytes); }

 private:
  DType activations_;
  NaiveQueue queue_;
  NaiveOps ops_;
};

}  // namespace

std::unique_ptr<Device> make_naive_device(DType activations) { return std::make_unique<NaiveDevice>(activations); }

}  // namespace fgan
