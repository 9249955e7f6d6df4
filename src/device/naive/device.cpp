#include <cstring>
#include <vector>

#include "device/naive/naive.h"

namespace fgan {
namespace {

class HostBuffer final : public Buffer {
 public:
  explicit HostBuffer(std::size_t bytes) : bytes_(bytes) {}
  void* data() override { return bytes_.data(); }
  std::size_t bytes() const override { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
};

class CallQueue final : public Queue {
 public:
  void wait() override {}
};

class Closure final : public Recording {
 public:
  Closure(Queue& queue, std::function<void(Queue&)> work) : queue_(queue), work_(std::move(work)) {}
  void replay() override { work_(queue_); }

 private:
  Queue& queue_;
  std::function<void(Queue&)> work_;
};

class NaiveDevice final : public Device {
 public:
  std::string description() const override { return "naive: plain loops in double precision, for comparison only"; }
  std::string isa() const override { return "naive"; }
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return std::make_unique<HostBuffer>(bytes); }
  Queue& queue() override { return queue_; }
  Ops& ops() override { return ops_; }
  std::unique_ptr<Recording> record(std::function<void(Queue&)> work) override { return std::make_unique<Closure>(queue_, std::move(work)); }
  void upload(void* device, const void* host, std::size_t bytes) override { std::memcpy(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override { std::memcpy(host, device, bytes); }

 private:
  CallQueue queue_;
  naive::NaiveOps ops_;
};

}  // namespace

std::unique_ptr<Device> make_naive_device() { return std::make_unique<NaiveDevice>(); }

}  // namespace fgan
