// A Feistel network over the smallest domain of an even number of bits that holds `size` positions, and cycle walking: what falls
// outside is encrypted again until it falls inside, which takes fewer than four rounds on average and keeps it a bijection
// (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002).
#include "base/error.h"
#include "data/loader.h"

namespace fgan {
namespace {

constexpr std::uint32_t kRounds = 8;

std::uint64_t encrypt(math::PhiloxKey key, std::uint64_t epoch, unsigned half_bits, std::uint64_t x) {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits) - 1;
  std::uint64_t left = x >> half_bits, right = x & mask;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    const math::PhiloxCounter counter{
        {static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(epoch >> 32), static_cast<std::uint32_t>(right), round}};
    const std::uint64_t mixed = left ^ (math::philox(counter, key).x[0] & mask);
    left = right;
    right = mixed;
  }
  return left << half_bits | right;
}

}  // namespace

std::int64_t permute(std::uint64_t seed, std::int64_t epoch, std::int64_t position, std::int64_t size, math::Purpose purpose) {
  FGAN_CHECK(position >= 0 && position < size && size <= std::int64_t{1} << 62, "position {} of {}", position, size);
  unsigned half_bits = 1;
  while (std::int64_t{1} << (2 * half_bits) < size) ++half_bits;
  const math::PhiloxKey key = math::key_of(seed, purpose);
  auto x = static_cast<std::uint64_t>(position);
  do x = encrypt(key, static_cast<std::uint64_t>(epoch), half_bits, x);
  while (x >= static_cast<std::uint64_t>(size));
  return static_cast<std::int64_t>(x);
}

}  // namespace fgan
