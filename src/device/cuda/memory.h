// Device memory, scratch that all ops share, and the way of bytes to the GPU.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include "device/cuda/errors.h"

namespace fgan::cuda {

using DeviceMemory = Owned<void*>;

// Throws Error(device) with what is wanted and what is free when there is not enough.  Not zeroed.  No bytes: null.
DeviceMemory allocate(const Api&, std::size_t bytes);

// Memory that an op may use until its work is done; the next op overwrites it.  What will be needed is said before recording; recordings
// know addresses, so blocks that became too small stay.
class Scratch {
 public:
  // recording: whether a recording is being made, from now on
  Scratch(const Api& api, const bool& recording) : api_(api), recording_(recording) {}

  // Room for parts of these sizes at once, each at a multiple of 256 bytes.
  void want(std::initializer_list<std::size_t> parts);
  // Allocates what is wanted.
  void settle();
  std::size_t bytes() const { return std::max(bytes_, wanted_); }
  // The parts' addresses.  FGAN_CHECK: they were wanted, and settled when a recording is being made.
  std::vector<std::byte*> take(std::initializer_list<std::size_t> parts);

 private:
  const Api& api_;
  const bool& recording_;
  std::vector<DeviceMemory> blocks_;  // the last is used
  std::size_t wanted_ = 0, bytes_ = 0;
};

// A ring of page-locked slots: an upload is copied into the next one and returns, and waits only when the GPU is a whole ring behind.
class Staging {
 public:
  Staging(const Api&, cudaStream_t);

  void upload(void* device, const void* host, std::size_t bytes);

 private:
  static constexpr std::size_t kSlots = 4, kSlotBytes = std::size_t{8} << 20;

  void wait_for_slot();

  const Api& api_;
  cudaStream_t stream_;
  Owned<void*> memory_;
  std::vector<Owned<cudaEvent_t>> read_;  // recorded when the GPU has read the slot
  std::size_t next_ = 0;
};

}  // namespace fgan::cuda
