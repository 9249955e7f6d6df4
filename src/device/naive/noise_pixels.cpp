// Latent noise, dropout, bytes to numbers and back, copies and counters.
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "device/naive/ops.h"

namespace fgan {

void NaiveOps::noise(Queue&, Noise kind, std::uint64_t seed, math::Purpose purpose, In counter, Out y) {
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const std::int64_t width = y.shape.example();
  for (std::int64_t row = 0; row < y.shape.n; ++row)
    for (std::int64_t e = 0; e < width; ++e) {
      const auto r = static_cast<std::uint32_t>(row), k = static_cast<std::uint32_t>(e);
      floats(y)[row * width + e] =
          kind == Noise::normal ? math::normal(seed, purpose, step, r, k) : 2 * math::uniform(seed, purpose, step, r, k) - 1;
    }
}

void NaiveOps::dropout(Queue&, const math::DropoutSpec& spec, In counter, In x, Out y) {
  FGAN_CHECK(x.shape == y.shape && spec.first_element % 4 == 0, "dropout of {}", to_string(x.shape));
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const std::int64_t width = x.shape.example();
  for (std::int64_t i = 0; i < x.shape.count(); ++i) {
    const auto row = static_cast<std::uint32_t>(i / width), e = static_cast<std::uint32_t>(i % width);
    const std::uint32_t word = math::bits(spec.seed, spec.purpose, step, spec.first_row + row, spec.first_element + e);
    floats(y)[i] = floats(x)[i] * math::dropout_factor(spec.rate, word);
  }
}

void NaiveOps::pixels_in(Queue&, In pixels, float scale, float shift, Out y) {
  FGAN_CHECK(pixels.dtype == DType::u8 && pixels.shape.count() == y.shape.count(), "pixels_in of {}", to_string(pixels.shape));
  for (std::int64_t i = 0; i < y.shape.count(); ++i)
    floats(y)[i] = static_cast<float>(static_cast<double>(scale) * static_cast<const std::uint8_t*>(pixels.data)[i] + shift);
}

void NaiveOps::pixels_out(Queue&, In x, float scale, float shift, Out pixels) {
  FGAN_CHECK(pixels.dtype == DType::u8 && pixels.shape.count() == x.shape.count(), "pixels_out of {}", to_string(x.shape));
  for (std::int64_t i = 0; i < x.shape.count(); ++i) {
    const double p = std::floor((static_cast<double>(floats(x)[i]) - shift) / scale + 0.5);
    static_cast<std::uint8_t*>(pixels.data)[i] = p > 255 ? 255 : p > 0 ? static_cast<std::uint8_t>(p) : 0;  // not a number: 0
  }
}

void NaiveOps::copy(Queue&, In x, Out y) {
  FGAN_CHECK(x.bytes() == y.bytes() && x.dtype == y.dtype, "copy of {} to {}", to_string(x.shape), to_string(y.shape));
  std::memcpy(y.data, x.data, x.bytes());
}

void NaiveOps::add_to_counter(Queue&, std::int64_t amount, Out counter) { *static_cast<std::int64_t*>(counter.data) += amount; }

}  // namespace fgan
