// PNG files: as they are, and with checksums that hold, which no fuzzer finds by itself.
#include "image/png.h"

#include <zlib.h>

#include <algorithm>

#include "image/png_chunks.h"
#include "pictures.h"

using namespace fgan;
using namespace fgan::fuzz;

namespace {

std::uint32_t number(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.first(4)) value = value << 8 | std::to_integer<std::uint32_t>(byte);
  return value;
}

void mend_checksums(std::span<std::byte> file) {
  for (std::size_t at = kPngSignature.size(); file.size() - std::min(at, file.size()) >= 12;) {
    const std::size_t length = number(file.subspan(at));
    if (length > file.size() - at - 12) return;
    const auto* checked = reinterpret_cast<const Bytef*>(file.data() + at + 4);
    const auto sum = static_cast<std::uint32_t>(::crc32(0, checked, static_cast<uInt>(4 + length)));
    for (std::size_t i = 0; i < 4; ++i) file[at + 8 + length + i] = static_cast<std::byte>(sum >> (24 - 8 * i));
    at += 12 + length;
  }
}

void check_written_again(std::span<const std::byte> file) {
  const Picture picture = decode_png({"fuzz", file.size(), file});
  const std::vector<std::byte> again = encode_png(picture.pixels, picture.width, picture.height, picture.channels);
  require(decode_png({"again", again.size(), again}).pixels == picture.pixels, "a written picture reads back equal");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSmall = 4096;
  const auto bytes = bytes_of(data, size);
  if (!text_of(data, size).starts_with(kPngSignature)) return 0;
  constexpr Decoder kPng{png_info, decode_png};
  check_picture(bytes, kPng);
  std::vector<std::byte> mended(bytes.begin(), bytes.end());
  mend_checksums(mended);
  if (check_picture(mended, kPng) && size < kSmall) check_written_again(mended);
  return 0;
}
