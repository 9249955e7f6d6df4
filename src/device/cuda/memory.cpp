#include "device/cuda/memory.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace fgan::cuda {
namespace {

constexpr std::size_t kAlignment = 256;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

std::size_t total(std::initializer_list<std::size_t> parts) {
  std::size_t sum = 0;
  for (const std::size_t bytes : parts) sum += aligned(bytes);
  return sum;
}

[[noreturn]] void refuse_memory(const Api& api, std::size_t bytes) {
  api.cudaGetLastError();
  std::size_t free = 0, all = 0;
  FGAN_CALL(api, cudaMemGetInfo, &free, &all);
  fail(Exit::device,
       "the GPU has not enough memory for another {} MiB: {} of its {} MiB are free; a smaller batch, width or image needs less",
       (bytes + (1 << 20) - 1) >> 20, free >> 20, all >> 20);
}

}  // namespace

DeviceMemory allocate(const Api& api, std::size_t bytes) {
  void* data = nullptr;
  if (bytes > 0) {
    const cudaError_t error = api.cudaMalloc(&data, bytes);
    if (error == cudaErrorMemoryAllocation) refuse_memory(api, bytes);
    check(api, error, "cudaMalloc");
  }
  return {data, api.cudaFree};
}

void Scratch::want(std::initializer_list<std::size_t> parts) { wanted_ = std::max(wanted_, total(parts)); }

void Scratch::settle() {
  if (wanted_ <= bytes_) return;
  FGAN_CHECK(!recording_, "scratch grew to {} bytes while a recording was made", wanted_);
  blocks_.push_back(allocate(api_, wanted_));
  bytes_ = wanted_;
}

std::vector<std::byte*> Scratch::take(std::initializer_list<std::size_t> parts) {
  FGAN_CHECK(total(parts) <= wanted_, "an op needs {} bytes of scratch, {} were prepared", total(parts), wanted_);
  settle();
  std::vector<std::byte*> addresses;
  auto* at = blocks_.empty() ? nullptr : static_cast<std::byte*>(blocks_.back().get());
  for (const std::size_t bytes : parts) {
    addresses.push_back(bytes > 0 ? at : nullptr);
    at += aligned(bytes);
  }
  return addresses;
}

Staging::Staging(const Api& api, cudaStream_t stream) : api_(api), stream_(stream), memory_(nullptr, api.cudaFreeHost) {
  void* memory = nullptr;
  FGAN_CALL(api, cudaMallocHost, &memory, kSlots * kSlotBytes);
  memory_.reset(memory);
  for (std::size_t i = 0; i < kSlots; ++i) {
    cudaEvent_t event = nullptr;
    FGAN_CALL(api, cudaEventCreateWithFlags, &event, cudaEventDisableTiming);
    read_.emplace_back(event, api.cudaEventDestroy);
  }
}

void Staging::wait_for_slot() {
  const cudaError_t state = api_.cudaEventQuery(read_[next_].get());
  if (state != cudaErrorNotReady) return check(api_, state, "cudaEventQuery");
  api_.cudaGetLastError();
  FGAN_CALL(api_, cudaEventSynchronize, read_[next_].get());
}

void Staging::upload(void* device, const void* host, std::size_t bytes) {
  auto* to = static_cast<std::byte*>(device);
  const auto* from = static_cast<const std::byte*>(host);
  for (std::size_t done = 0; done < bytes; done += kSlotBytes) {
    const std::size_t count = std::min(kSlotBytes, bytes - done);
    std::byte* slot = static_cast<std::byte*>(memory_.get()) + next_ * kSlotBytes;
    wait_for_slot();
    std::memcpy(slot, from + done, count);
    FGAN_CALL(api_, cudaMemcpyAsync, to + done, slot, count, cudaMemcpyHostToDevice, stream_);
    FGAN_CALL(api_, cudaEventRecord, read_[next_].get(), stream_);
    next_ = (next_ + 1) % kSlots;
  }
}

}  // namespace fgan::cuda
