#include "device/cpu/memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "base/error.h"

namespace fgan {
namespace {

constexpr std::size_t kLine = 64, kHugePage = std::size_t{2} << 20;

std::size_t rounded_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

// Linux grants addresses it has no memory for and kills the process when they are touched, so large requests ask first.
std::size_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  std::size_t kib = 0;
  while (file >> key >> kib) {
    std::getline(file, unit);
    if (key == "MemAvailable:") return kib * 1024;
  }
  return std::numeric_limits<std::size_t>::max();
}

[[noreturn]] void refuse(std::size_t bytes) {
  fail(Exit::device, "not enough memory for another {} MiB; a smaller batch, width or image needs less", (bytes + (1 << 20) - 1) >> 20);
}

}  // namespace

Memory::Memory(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  if (bytes > PTRDIFF_MAX / 2) refuse(bytes);
  const bool large = bytes >= kHugePage;
  if (large && bytes > available_bytes()) refuse(bytes);
  const std::size_t alignment = large ? kHugePage : kLine, size = rounded_up(bytes, alignment);
  data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, size));
  if (data_ == nullptr) refuse(bytes);
#ifdef MADV_HUGEPAGE
  if (large) madvise(data_, size, MADV_HUGEPAGE);
#endif
  std::memset(data_, 0, bytes);
}

Memory::~Memory() { std::free(data_); }

Memory::Memory(Memory&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Memory& Memory::operator=(Memory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

void Memory::reserve(std::size_t bytes) {
  if (bytes <= bytes_) return;
  *this = Memory();  // freed first: the old and the new need not fit together
  *this = Memory(bytes);
}

}  // namespace fgan
