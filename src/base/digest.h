// A digest to tell contents apart, not against forgery: FNV-1a, 64 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/format.h"

namespace fgan {

class Digest {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) hash_ = (hash_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001B3u;
  }
  std::string text() const { return format("{:016x}", hash_); }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325u;
};

}  // namespace fgan
