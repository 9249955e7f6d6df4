// Latent noise, dropout, bytes to numbers and back, copies and counters.
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "device/cpu/ops.h"

namespace fgan {
namespace {

template <class From, class To>
void convert(const Team& team, const From* x, To* y, std::int64_t count) {
  team.blocks(count, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) y[i] = math::from_float<To>(math::to_float(x[i]));
  });
}

}  // namespace

// Philox gives four elements a call; rows are independent, so any thread may draw any of them.
void CpuOps::noise(Queue&, Noise kind, std::uint64_t seed, math::Purpose purpose, Out counter, std::int64_t advance, Out y) {
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const std::int64_t width = y.shape.example(), quads = (width + 3) / 4;
  const auto draw = [&]<class T>(T* out, std::int64_t row) {
    for (std::int64_t q = 0; q < quads; ++q) {
      const math::Philox4 words = math::random_block(seed, purpose, step, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(q));
      float four[4];
      if (kind == Noise::normal) {
        const math::Normals4 normals = math::normals_of(words);
        std::memcpy(four, normals.x, sizeof four);
      } else {
        for (int i = 0; i < 4; ++i) four[i] = 2 * math::uniform_of(words.x[i]) - 1;
      }
      for (std::int64_t i = 0; i < std::min<std::int64_t>(4, width - 4 * q); ++i)
        out[row * width + 4 * q + i] = math::from_float<T>(four[i]);
    }
  };
  with_type_of(y, [&]<class T>(T) { team_.each(y.shape.n, y.shape.count() * 8, [&](std::int64_t row) { draw(numbers<T>(y), row); }); });
  *static_cast<std::int64_t*>(counter.data) += advance;
}

// As noise: four elements a call.
void CpuOps::dropout(Queue&, const math::DropoutSpec& spec, In counter, In x, Out y) {
  FGAN_CHECK(x.shape == y.shape && x.dtype == y.dtype && spec.first_element % 4 == 0, "dropout of {}", to_string(x.shape));
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const std::int64_t width = x.shape.example();
  const auto drop = [&]<class T>(const T* from, T* to, std::int64_t row) {
    for (std::int64_t e = 0; e < width; e += 4) {
      const math::Philox4 words = math::random_block(spec.seed, spec.purpose, step, spec.first_row + static_cast<std::uint32_t>(row),
                                                     (spec.first_element + static_cast<std::uint32_t>(e)) / 4);
      const std::int64_t at = row * width + e, count = std::min<std::int64_t>(4, width - e);
      for (std::int64_t i = 0; i < count; ++i)
        to[at + i] = math::from_float<T>(math::to_float(from[at + i]) * math::dropout_factor(spec.rate, words.x[i]));
    }
  };
  with_type_of(x, [&]<class T>(T) {
    team_.each(x.shape.n, x.shape.count() * 8, [&](std::int64_t row) { drop(numbers<T>(x), numbers<T>(y), row); });
  });
}

void CpuOps::pixels_in(Queue&, const math::PixelRange& range, const math::Augmentation& how, In counter, In pixels, Out y) {
  FGAN_CHECK(pixels.dtype == DType::u8 && same_rows(pixels.shape, y.shape), "pixels_in of {}", to_string(pixels.shape));
  if (how) return augmented_pixels_in(range, how, counter, pixels, y);
  const auto* from = static_cast<const std::uint8_t*>(pixels.data);
  with_type_of(y, [&]<class T>(T) {
    team_.blocks(y.shape.count(), [from, range, to = numbers<T>(y)](std::int64_t begin, std::int64_t end) {
#pragma omp simd
      for (std::int64_t i = begin; i < end; ++i) to[i] = math::from_float<T>(math::number_of(range, static_cast<float>(from[i])));
    });
  });
}

// Random words come for eight elements a call.
void CpuOps::augmented_pixels_in(const math::PixelRange& range, const math::Augmentation& how, In counter, In pixels, Out y) {
  const auto step = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(counter.data));
  const auto width = static_cast<std::uint32_t>(y.shape.example()), columns = static_cast<std::uint32_t>(pixels.shape.w),
             channels = static_cast<std::uint32_t>(pixels.shape.c);
  const auto* bytes = static_cast<const std::uint8_t*>(pixels.data);
  const auto convert = [&]<class T>(T* to, std::int64_t n) {
    const auto row = static_cast<std::uint32_t>(n);
    const std::int64_t first = n * width;
    const bool mirror = how.mirror && math::is_mirrored(how.seed, step, row);
    math::LevelNoise8 noise{};
    for (std::uint32_t e = 0; e < width; ++e) {
      if (how.dequantise && e % 8 == 0) noise = math::level_noise(how.seed, step, row, e / 8);
      const std::uint8_t byte = bytes[first + (mirror ? math::mirrored_element(e, columns, channels) : e)];
      to[first + e] = math::from_float<T>(math::number_of(range, static_cast<float>(byte) + noise.x[e % 8]));
    }
  };
  with_type_of(y, [&]<class T>(T) { team_.each(y.shape.n, y.shape.count() * 8, [&](std::int64_t n) { convert(numbers<T>(y), n); }); });
}

void CpuOps::pixels_out(Queue&, const math::PixelRange& range, In x, Out pixels) {
  FGAN_CHECK(pixels.dtype == DType::u8 && pixels.shape.count() == x.shape.count(), "pixels_out of {}", to_string(x.shape));
  auto* to = static_cast<std::uint8_t*>(pixels.data);
  with_type_of(x, [&]<class T>(T) {
    team_.blocks(x.shape.count(), [from = numbers<T>(x), range, to](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) to[i] = math::byte_of(range, static_cast<double>(math::to_float(from[i])));
    });
  });
}

void CpuOps::copy(Queue&, In x, Out y) {
  const auto number = [](DType type) { return type == DType::f32 || type == DType::bf16; };
  FGAN_CHECK(x.shape.count() == y.shape.count() && (x.dtype == y.dtype || (number(x.dtype) && number(y.dtype))), "copy of {} to {}",
             to_string(x.shape), to_string(y.shape));
  if (x.dtype == DType::f32 && y.dtype == DType::bf16) return convert(team_, f32(x), numbers<math::Bf16>(y), x.shape.count());
  if (x.dtype == DType::bf16 && y.dtype == DType::f32) return convert(team_, numbers<math::Bf16>(x), f32(y), x.shape.count());
  team_.blocks(static_cast<std::int64_t>(x.bytes()), [&](std::int64_t begin, std::int64_t end) {
    std::memcpy(static_cast<std::byte*>(y.data) + begin, static_cast<const std::byte*>(x.data) + begin,
                static_cast<std::size_t>(end - begin));
  });
}

}  // namespace fgan
