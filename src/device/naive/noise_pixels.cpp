// Latent noise, dropout, bytes to numbers and back, copies and counters.
#include <cmath>
#include <cstring>

#include "device/naive/ops.h"

namespace fgan {

void NaiveOps::noise(Queue&, Noise kind, std::uint64_t seed, math::Purpose purpose, Out counter, std::int64_t advance, Out y) {
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const auto width = static_cast<std::size_t>(y.shape.example());
  Numbers values = zeros_like(y);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(i / width), e = static_cast<std::uint32_t>(i % width);
    const float value =
        kind == Noise::normal ? math::normal(seed, purpose, step, row, e) : 2 * math::uniform(seed, purpose, step, row, e) - 1;
    values[i] = static_cast<double>(value);
  }
  write(values, y);
  *static_cast<std::int64_t*>(counter.data) += advance;
}

void NaiveOps::dropout(Queue&, const math::DropoutSpec& spec, In counter, In x, Out y) {
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && spec.first_element % 4 == 0, "dropout of {}", to_string(x.shape));
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const auto width = static_cast<std::size_t>(x.shape.example());
  Numbers values = read(x);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(i / width), e = static_cast<std::uint32_t>(i % width);
    const std::uint32_t word = math::bits(spec.seed, spec.purpose, step, spec.first_row + row, spec.first_element + e);
    values[i] *= static_cast<double>(math::dropout_factor(spec.rate, word));
  }
  write(values, y);
}

void NaiveOps::pixels_in(Queue&, const math::PixelRange& range, const math::Augmentation& how, In counter, In pixels, Out y) {
  FGAN_CHECK(pixels.dtype == DType::u8 && same_rows(pixels.shape, y.shape), "pixels_in of {}", to_string(pixels.shape));
  const auto step = how ? static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data)) : 0;
  const auto width = static_cast<std::size_t>(y.shape.example());
  const auto columns = static_cast<std::uint32_t>(pixels.shape.w), channels = static_cast<std::uint32_t>(pixels.shape.c);
  const auto* bytes = static_cast<const std::uint8_t*>(pixels.data);
  Numbers values = zeros_like(y);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(i / width), e = static_cast<std::uint32_t>(i % width);
    const bool mirror = how.mirror && math::is_mirrored(how.seed, step, row);
    const std::uint8_t byte = bytes[i - e + (mirror ? math::mirrored_element(e, columns, channels) : e)];
    const float noise = how.dequantise ? math::level_noise(how.seed, step, row, e / 8).x[e % 8] : 0;
    values[i] = math::number_of(range, byte + static_cast<double>(noise));
  }
  write(values, y);
}

void NaiveOps::pixels_out(Queue&, const math::PixelRange& range, In x, Out pixels) {
  FGAN_CHECK(pixels.dtype == DType::u8 && pixels.shape.count() == x.shape.count(), "pixels_out of {}", to_string(x.shape));
  const Numbers values = read(x);
  for (std::size_t i = 0; i < values.size(); ++i) static_cast<std::uint8_t*>(pixels.data)[i] = math::byte_of(range, values[i]);
}

void NaiveOps::copy(Queue&, In x, Out y) {
  FGAN_CHECK(x.shape.count() == y.shape.count(), "copy of {} to {}", to_string(x.shape), to_string(y.shape));
  if (x.dtype == y.dtype) std::memcpy(y.data, x.data, x.bytes());
  else write(read(x), y);
}

}  // namespace fgan
