// A digest to tell contents apart and to notice damage, not against forgery: XXH3, 64 bits (docs/decisions/0060).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace fgan {

class Digest {
 public:
  Digest();
  ~Digest();
  void add(std::span<const std::byte> bytes);
  std::uint64_t value() const;  // of all bytes added so far, however they were divided
  std::string text() const;     // 16 hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::uint64_t digest_value(std::span<const std::byte> bytes);
std::string digest_text(std::span<const std::byte> bytes);

}  // namespace fgan
