// Memory of the CPU device: zeroed, aligned to cache lines, large blocks to huge pages (which halve the time of first touch and spare
// the translation cache); refused in words when the machine cannot have it, rather than killed later.
#pragma once

#include <cstddef>

namespace fgan {

class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t bytes);
  ~Memory();
  Memory(Memory&& other) noexcept;
  Memory& operator=(Memory&& other) noexcept;

  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  float* floats() const { return static_cast<float*>(static_cast<void*>(data_)); }
  // At least `bytes` from here on; what it held is lost when it grows.
  void reserve(std::size_t bytes);

 private:
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace fgan
