#include "kernels/images.h"

#include "kernels/channels.cuh"
#include "kernels/each.cuh"
#include "kernels/last_block.cuh"
#include "kernels/pack.cuh"

namespace fgan::kernels {
namespace {

using math::from_float, math::to_float;

// One thread per four elements of a row, which share a block of random words; writes y once.  The counter moves when all blocks have read
// it.
template <class T>
__global__ void noise_kernel(bool normal, std::uint64_t seed, math::Purpose purpose, std::int64_t* counter, std::int64_t advance,
                             std::int64_t rows, std::int64_t width, T* y, unsigned* arrivals) {
  const auto step = static_cast<std::uint64_t>(*counter);
  each(rows, (width + 3) / 4, [=](std::int64_t row, std::int64_t quad) {
    const math::Philox4 words = math::random_block(seed, purpose, step, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(quad));
    math::Normals4 four{};
    if (normal) four = math::normals_of(words);
    else
      for (int i = 0; i < 4; ++i) four.x[i] = 2 * math::uniform_of(words.x[i]) - 1;
    T* to = y + row * width + 4 * quad;
    Pack<T, 4> numbers;
    for (int i = 0; i < 4; ++i) numbers.at[i] = from_float<T>(four.x[i]);
    if (width % 4 == 0) store(to, numbers);
    else
      for (int i = 0; i < 4 && 4 * quad + i < width; ++i) to[i] = numbers.at[i];
  });
  if (advance != 0 && last_block(arrivals) && threadIdx.x == 0) *counter += advance;
}

// x = scale (p + noise) + shift, p from the mirrored place where the example is mirrored.  One thread per eight elements of an example,
// which share a block of random words; reads each byte once, writes y once: in 8 and 16 bytes an access where examples have a multiple
// of 8 elements, bytes one by one where they are mirrored.  In double, so that y is the rounded value.
template <class T>
__global__ void pixels_in_kernel(math::PixelRange range, math::Augmentation how, const std::int64_t* counter, ImageShape images,
                                 const std::uint8_t* pixels, T* y) {
  const auto step = how.mirror || how.dequantise ? static_cast<std::uint64_t>(*counter) : 0;
  const auto columns = static_cast<std::uint32_t>(images.width), channels = static_cast<std::uint32_t>(images.channels);
  const std::int64_t elements = images.height * images.width * images.channels;
  const bool whole = elements % 8 == 0;
  each(images.count, (elements + 7) / 8, [=](std::int64_t image, std::int64_t octet) {
    const auto row = static_cast<std::uint32_t>(image);
    const auto e = static_cast<std::uint32_t>(8 * octet);
    const std::int64_t count = elements - e;  // from here on; 8 at most are this thread's
    const bool mirror = how.mirror && math::is_mirrored(how.seed, step, row);
    const std::uint8_t* from = pixels + image * elements;
    T* to = y + image * elements + e;
    Pack<std::uint8_t, 8> bytes{};
    if (whole && !mirror) bytes = load<std::uint8_t, 8>(from + e);
    else
      for (std::uint32_t i = 0; i < 8; ++i)
        if (i < count) bytes.at[i] = from[mirror ? math::mirrored_element(e + i, columns, channels) : e + i];
    math::LevelNoise8 noise{};
    if (how.dequantise) noise = math::level_noise(how.seed, step, row, static_cast<std::uint32_t>(octet));
    Pack<T, 8> numbers;
    for (int i = 0; i < 8; ++i)
      numbers.at[i] = from_float<T>(static_cast<float>(math::number_of(range, bytes.at[i] + static_cast<double>(noise.x[i]))));
    if (whole) store(to, numbers);
    else
      for (std::uint32_t i = 0; i < 8; ++i)
        if (i < count) to[i] = numbers.at[i];
  });
}

// One thread per element; reads x once, writes a byte.
template <class T>
__global__ void pixels_out_kernel(std::int64_t count, math::PixelRange range, const T* x, std::uint8_t* pixels) {
  each(count, [=](std::int64_t i) { pixels[i] = math::byte_of(range, static_cast<double>(to_float(x[i]))); });
}

}  // namespace

void noise(Stream stream, bool normal, std::uint64_t seed, math::Purpose purpose, std::int64_t* counter, std::int64_t advance,
           std::int64_t rows, std::int64_t width, Array y, unsigned* arrivals) {
  with_type(y.type, [&](auto t) {
    using T = decltype(t);
    launch({"noise", 0, bytes_of(y, rows * width), quad_access<T>(width)}, noise_kernel<T>, grid_over(rows * ((width + 3) / 4)), stream,
           normal, seed, purpose, counter, advance, rows, width, data_of<T>(y), arrivals);
  });
}

void pixels_in(Stream stream, const math::PixelRange& range, const math::Augmentation& how, const std::int64_t* counter,
               const ImageShape& images, const std::uint8_t* pixels, Array y) {
  const std::int64_t elements = images.height * images.width * images.channels, octets = (elements + 7) / 8;
  const Work work{"pixels_in", images.count * elements, bytes_of(y, images.count * elements), access_of(y.type, elements % 8 == 0 ? 8 : 1)};
  with_type(y.type, [&](auto t) {
    using T = decltype(t);
    launch(work, pixels_in_kernel<T>, grid_over(images.count * octets), stream, range, how, counter, images, pixels, data_of<T>(y));
  });
}

void pixels_out(Stream stream, std::int64_t count, const math::PixelRange& range, Array x, std::uint8_t* pixels) {
  with_type(x.type, [&](auto t) {
    using T = decltype(t);
    launch({"pixels_out", bytes_of(x, count), count, sizeof(T)}, pixels_out_kernel<T>, grid_over(count), stream, count, range,
           data_of<T>(x), pixels);
  });
}

}  // namespace fgan::kernels
