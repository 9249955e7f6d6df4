// PNG: a signature of 8 bytes, then chunks: length of the data, type, data, CRC-32 of type and data; numbers big-endian.
#include "image/png_chunks.h"

#include <algorithm>
#include <array>

#include "image/exif.h"

namespace fgan {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kPaletteBytes = 768;
constexpr std::uint32_t kMaxChunkBytes = 0x7fffffff;
constexpr std::uint64_t kMaxDeflateRatio = 1032;  // 258 bytes by two codes of one bit

constexpr std::uint32_t type_of(const char (&name)[5]) {
  std::uint32_t type = 0;
  for (int i = 0; i < 4; ++i) type = type << 8 | static_cast<unsigned char>(name[i]);
  return type;
}
constexpr std::uint32_t kIhdr = type_of("IHDR"), kPlte = type_of("PLTE"), kTrns = type_of("tRNS"), kExif = type_of("eXIf"),
                        kIdat = type_of("IDAT"), kIend = type_of("IEND");

std::uint32_t number(Bytes bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.first(4)) value = value << 8 | std::to_integer<std::uint32_t>(byte);
  return value;
}

// Four bytes at a time: table k holds the remainders of a byte followed by k zero bytes.
constexpr auto kCrc = [] {
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest & 1) != 0 ? 0xedb88320 ^ rest >> 1 : rest >> 1;
    tables[0][byte] = rest;
  }
  for (std::size_t k = 1; k < 4; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      tables[k][byte] = tables[k - 1][byte] >> 8 ^ tables[0][tables[k - 1][byte] & 0xff];
    }
  }
  return tables;
}();

std::uint32_t crc(Bytes bytes) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  std::uint32_t rest = 0xffffffff;
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    rest ^= at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
    rest = kCrc[3][rest & 0xff] ^ kCrc[2][rest >> 8 & 0xff] ^ kCrc[1][rest >> 16 & 0xff] ^ kCrc[0][rest >> 24];
  }
  for (; i < bytes.size(); ++i) rest = rest >> 8 ^ kCrc[0][(rest ^ at(i)) & 0xff];
  return ~rest;
}

struct Chunk {
  std::uint32_t type;
  Bytes data;

  bool critical() const { return (type >> 24 & 0x20) == 0; }
};

// Takes the chunk that begins at `offset` and moves on; nothing if the bytes end before it does.  For the head's sake pixels are only
// announced.
std::optional<Chunk> next_chunk(const ImageFile& file, std::size_t& offset, PngPart part) {
  const Bytes rest = file.bytes.subspan(offset);
  const std::uint32_t length = rest.size() < 4 ? 0 : number(rest);
  if (length > kMaxChunkBytes) file.refuse("it is damaged: a part of it has no sensible length");
  if (part == PngPart::head && rest.size() >= 8 && number(rest.subspan(4)) == kIdat) return Chunk{kIdat, {}};
  if (rest.size() < std::size_t{length} + 12) {
    if (file.whole()) file.refuse("it is cut off");
    return {};
  }
  const Bytes checked = rest.subspan(4, 4 + std::size_t{length});
  if (crc(checked) != number(rest.subspan(8 + std::size_t{length}))) file.refuse("it is damaged: a checksum does not hold");
  offset += std::size_t{length} + 12;
  return Chunk{number(checked), checked.subspan(4)};
}

bool depth_fits(int depth, int colour) {
  const bool known = depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
  switch (colour) {
    case 0: return known;
    case 3: return known && depth <= 8;
    case 2:
    case 4:
    case 6: return depth == 8 || depth == 16;
    default: return false;
  }
}

void read_header(const ImageFile& file, Bytes data, PngParts& parts) {
  if (data.size() != 13) file.refuse("it is damaged: its header has no sensible length");
  const auto at = [&](std::size_t i) { return std::to_integer<int>(data[i]); };
  parts.header = data;
  parts.depth = at(8);
  parts.colour = at(9);
  if (!depth_fits(parts.depth, parts.colour) || at(10) != 0 || at(11) != 0 || at(12) > 1) {
    file.refuse(format("its kind of PNG is not known (depth {}, colour {}, methods {}, {}, {})", at(8), at(9), at(10), at(11), at(12)));
  }
  const std::uint32_t width = number(data), height = number(data.subspan(4));
  check_extent(file, width, height, 0);
  parts.width = static_cast<int>(width);
  parts.height = static_cast<int>(height);
  check_extent(file, width, height, parts.bytes() / kMaxDeflateRatio);
}

bool is_palette(Bytes data) { return !data.empty() && data.size() % 3 == 0 && data.size() <= kPaletteBytes; }

bool is_transparency(Bytes data, const PngParts& parts) {
  switch (parts.colour) {
    case 0: return data.size() == 2;
    case 2: return data.size() == 6;
    case 3: return !data.empty() && data.size() <= parts.palette.size() / 3;
    default: return false;
  }
}

// A chunk between header and end.  What is not critical and not of use is passed over.
void take(const ImageFile& file, const Chunk& chunk, PngParts& parts) {
  const bool before_pixels = parts.pixels.empty();
  bool fits = true;
  if (chunk.type == kPlte) {
    fits = before_pixels && parts.palette.empty() && is_palette(chunk.data);
    parts.palette = chunk.data;
  } else if (chunk.type == kTrns) {
    fits = before_pixels && parts.transparency.empty() && is_transparency(chunk.data, parts);
    parts.transparency = chunk.data;
  } else if (chunk.type == kIdat) {
    fits = parts.colour != 3 || !parts.palette.empty();
    parts.pixels.push_back(chunk.data);
  } else if (chunk.type == kExif) {
    if (before_pixels) parts.orientation = exif_orientation(chunk.data);
  } else {
    fits = !chunk.critical();
  }
  if (!fits) file.refuse("it is damaged: its parts do not fit together");
}

void append_number(std::vector<std::byte>& out, std::uint64_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift & 0xff));
}

void append(std::vector<std::byte>& out, std::uint32_t type, std::span<const Bytes> data, std::size_t at_least = 0) {
  std::size_t size = 0;
  for (const Bytes part : data) size += part.size();
  append_number(out, std::max(size, at_least));
  append_number(out, type);
  for (const Bytes part : data) out.insert(out.end(), part.begin(), part.end());
  if (size < at_least) out.resize(out.size() + at_least - size);
  append_number(out, 0);
}

}  // namespace

int PngParts::samples() const { return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1; }

int PngParts::channels() const { return (colour == 3 ? 3 : samples()) + (transparency.empty() ? 0 : 1); }

std::uint64_t PngParts::bytes() const {
  const auto row = (static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(depth * samples()) + 7) / 8;
  return (row + 1) * static_cast<std::uint64_t>(height);
}

std::optional<PngParts> png_parts(const ImageFile& file, PngPart part) {
  PngParts parts;
  std::size_t offset = kPngSignature.size();
  auto chunk = next_chunk(file, offset, part);
  if (!chunk) return {};
  if (chunk->type != kIhdr) file.refuse("it does not begin with a PNG header");
  read_header(file, chunk->data, parts);
  for (;;) {
    chunk = next_chunk(file, offset, part);
    if (!chunk) return {};
    if (chunk->type == kIend) break;
    take(file, *chunk, parts);
    if (part == PngPart::head && !parts.pixels.empty()) return parts;
  }
  const bool none = std::all_of(parts.pixels.begin(), parts.pixels.end(), [](Bytes data) { return data.empty(); });
  if (none) file.refuse("it holds no pixels");
  return parts;
}

std::vector<std::byte> plain_png(const PngParts& parts) {
  const Bytes signature = std::as_bytes(std::span(kPngSignature));
  std::vector<std::byte> out(signature.begin(), signature.end());
  append(out, kIhdr, std::span(&parts.header, 1));
  if (parts.colour == 3) append(out, kPlte, std::span(&parts.palette, 1), kPaletteBytes);
  if (!parts.transparency.empty()) append(out, kTrns, std::span(&parts.transparency, 1));
  append(out, kIdat, parts.pixels);
  append(out, kIend, {});
  return out;
}

}  // namespace fgan
