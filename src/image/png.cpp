// The only file that sees stb_image_write and stb_image.  Of the reader only PNG is compiled: version 2.27, which Debian ships, writes
// out of bounds on damaged JPEG files.
#include "image/png.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/file.h"
#include "image/png_chunks.h"

namespace fgan {
namespace {

// What stb_image may allocate at once: a small file can inflate to a thousand times its size, whatever it says of its picture.  A variable
// of the thread, because stb has no place for a caller's own.
thread_local std::size_t largest_block = 0;

// Blocks come as zeros, so that a damaged picture that names bytes it never wrote is the same each time.
void* stb_block(void* block, std::size_t old_size, std::size_t size) {
  if (size > largest_block) return nullptr;
  if (block == nullptr) return std::calloc(std::max<std::size_t>(size, 1), 1);
  block = std::realloc(block, size);
  if (block != nullptr && size > old_size) std::memset(static_cast<char*>(block) + old_size, 0, size - old_size);
  return block;
}

}  // namespace
}  // namespace fgan

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
#define STBI_MALLOC(size) fgan::stb_block(nullptr, 0, size)
#define STBI_REALLOC_SIZED(block, old_size, size) fgan::stb_block(block, old_size, size)
#define STBI_FREE(block) std::free(block)
#include <stb_image.h>

namespace fgan {

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

std::optional<ImageInfo> png_info(const ImageFile& file) {
  const auto parts = png_parts(file, PngPart::head);
  if (!parts) return {};
  return ImageInfo{parts->width, parts->height, parts->channels(), parts->orientation};
}

Picture decode_png(const ImageFile& file) {
  const auto parts = png_parts(file, PngPart::whole);
  FGAN_CHECK(parts, "'{}' is not whole", file.name);
  const std::vector<std::byte> plain = plain_png(*parts);
  Picture picture{parts->width, parts->height, parts->channels(), {}};
  const std::size_t decoded = picture.index(0, picture.height);
  largest_block = std::max({plain.size(), 2 * decoded, 2 * static_cast<std::size_t>(parts->bytes()) + 4096});
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(plain.data()), static_cast<int>(plain.size()), &width, &height, &channels, 0),
      stbi_image_free);
  if (!pixels) {
    const std::string_view reason = stbi_failure_reason();  // "outofmem": the cap on what one picture may take
    file.refuse(reason == "outofmem" ? std::string("it holds more data than pixels of its size need")
                                     : format("it is damaged ({})", reason));
  }
  FGAN_CHECK(width == picture.width && height == picture.height && channels == picture.channels, "'{}' changed", file.name);
  picture.pixels.assign(pixels.get(), pixels.get() + decoded);
  return picture;
}

}  // namespace fgan
