#include "image/decode.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/file.h"
#include "image/jpeg.h"
#include "image/png.h"
#include "image/png_chunks.h"

namespace fgan {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 256 << 20;
constexpr std::size_t kFirstBytes = 4096;  // most headers; those of cameras are longer

struct Format {
  ImageKind kind;
  std::string_view magic;
  std::optional<ImageInfo> (*info)(const ImageFile&);
  Picture (*decode)(const ImageFile&);
};

constexpr Format kFormats[] = {
    {ImageKind::png, kPngSignature, png_info, decode_png},
    {ImageKind::jpeg, "\xff\xd8\xff", jpeg_info, decode_jpeg},
};

const Format* find_format(std::span<const std::byte> bytes) {
  for (const Format& format : kFormats) {
    if (bytes.size() >= format.magic.size() && std::memcmp(bytes.data(), format.magic.data(), format.magic.size()) == 0) return &format;
  }
  return nullptr;
}

const Format& format_of(const ImageFile& file) {
  if (const Format* format = find_format(file.bytes)) return *format;
  fail(Exit::data, "'{}' is neither a PNG nor a JPEG image", file.name);
}

}  // namespace

ImageKind image_kind(const std::filesystem::path& path) try {
  const InputFile input(path);
  std::array<std::byte, kPngSignature.size()> begin{};
  const auto bytes = std::span(begin).first(std::min<std::uintmax_t>(begin.size(), input.size()));
  input.read(0, bytes);
  const Format* format = find_format(bytes);
  return format == nullptr ? ImageKind::unknown : format->kind;
} catch (const Error&) {
  return ImageKind::unknown;
}

ImageHeader read_image_header(const std::filesystem::path& path) {
  const InputFile input(path);
  std::vector<std::byte> bytes;
  for (std::uintmax_t size = kFirstBytes;; size *= 16) {
    bytes.resize(std::min({size, input.size(), kMaxFileBytes}));
    input.read(0, bytes);
    const ImageFile file{path.string(), input.size(), bytes};
    if (const auto info = format_of(file).info(file)) {
      const bool swapped = swaps_sides(info->orientation);
      return {swapped ? info->height : info->width, swapped ? info->width : info->height, info->channels};
    }
    if (bytes.size() == kMaxFileBytes) file.refuse("its header is too long");
  }
}

Picture read_image(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path, kMaxFileBytes);
  const ImageFile file{path.string(), bytes.size(), bytes};
  const Format& format = format_of(file);
  const auto info = format.info(file);
  FGAN_CHECK(info, "'{}' is not whole", file.name);
  return upright(format.decode(file), info->orientation);
}

}  // namespace fgan
