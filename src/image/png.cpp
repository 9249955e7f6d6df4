// The only file that sees stb_image_write and stb_image.  Of the reader only PNG is compiled: version 2.27, which Debian ships, writes
// out of bounds on damaged JPEG files.
#include "image/png.h"

#include <memory>

#include "base/error.h"
#include "base/file.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 16384
#include <stb_image.h>

namespace fgan {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 256 << 20;
constexpr std::int64_t kMaxPixels = 64 << 20;  // stb counts bytes in int

}  // namespace

std::vector<std::byte> encode_png(std::span<const std::uint8_t> pixels, int width, int height, int channels) {
  FGAN_CHECK(width > 0 && height > 0 && width <= kMaxPictureSide && height <= kMaxPictureSide && channels >= 1 && channels <= 4,
             "a picture of {}x{}x{}", width, height, channels);
  FGAN_CHECK(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels) == pixels.size() &&
                 pixels.size() < (1u << 30),
             "{} bytes for a picture of {}x{}x{}", pixels.size(), width, height, channels);
  std::vector<std::byte> file;
  const auto append = [](void* context, void* data, int size) {
    const std::span bytes(static_cast<const std::byte*>(data), static_cast<std::size_t>(size));
    auto& to = *static_cast<std::vector<std::byte>*>(context);
    to.insert(to.end(), bytes.begin(), bytes.end());
  };
  if (stbi_write_png_to_func(append, &file, width, height, channels, pixels.data(), width * channels) == 0) throw std::bad_alloc();
  return file;
}

void write_png(const std::filesystem::path& path, std::span<const std::uint8_t> pixels, int width, int height, int channels) {
  const std::vector<std::byte> file = encode_png(pixels, width, height, channels);
  const std::span<const std::byte> part = file;
  write_file(path, std::span(&part, 1));
}

void write_png(const std::filesystem::path& path, const Picture& picture) {
  write_png(path, picture.pixels, picture.width, picture.height, picture.channels);
}

Picture read_png(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_file(path, kMaxFileBytes);
  const auto* bytes = reinterpret_cast<const stbi_uc*>(file.data());
  const int size = static_cast<int>(file.size());
  Picture picture;
  const bool known = stbi_info_from_memory(bytes, size, &picture.width, &picture.height, &picture.channels) != 0;
  if (known && std::int64_t{picture.width} * picture.height > kMaxPixels) {
    fail(Exit::data, "the picture '{}' has {} by {} pixels, too many to read", path.string(), picture.width, picture.height);
  }
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      known ? stbi_load_from_memory(bytes, size, &picture.width, &picture.height, &picture.channels, 0) : nullptr, stbi_image_free);
  if (!pixels) fail(Exit::data, "'{}' is not a whole PNG picture: {}", path.string(), stbi_failure_reason());
  picture.pixels.assign(pixels.get(), pixels.get() + picture.index(0, picture.height));
  return picture;
}

}  // namespace fgan
