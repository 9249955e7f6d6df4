#include "base/digest.h"

#define XXH_INLINE_ALL  // no library at run time, and the vector instructions this build is compiled for
#include <xxhash.h>

#include "base/format.h"

namespace fgan {

struct Digest::State {
  XXH3_state_t xxh3;
};

Digest::Digest() : state_(std::make_unique<State>()) { XXH3_64bits_reset(&state_->xxh3); }

Digest::~Digest() = default;

void Digest::add(std::span<const std::byte> bytes) { XXH3_64bits_update(&state_->xxh3, bytes.data(), bytes.size()); }

std::uint64_t Digest::value() const { return XXH3_64bits_digest(&state_->xxh3); }

std::string Digest::text() const { return format("{:016x}", value()); }

std::uint64_t digest_value(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string digest_text(std::span<const std::byte> bytes) { return format("{:016x}", digest_value(bytes)); }

}  // namespace fgan
