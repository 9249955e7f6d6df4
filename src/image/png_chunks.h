// The chunks of a PNG file: what it says of its picture, and the file again with only what the picture's pixels need.
#pragma once

#include <optional>
#include <vector>

#include "image/image_file.h"

namespace fgan {

inline constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

struct PngParts {
  int width = 0, height = 0, depth = 0, colour = 0;  // bits a sample; PNG's colour type
  Orientation orientation = Orientation::as_stored;
  std::span<const std::byte> header, palette, transparency;  // IHDR, PLTE, tRNS
  std::vector<std::span<const std::byte>> pixels;            // IDAT

  int samples() const;          // a pixel, as stored
  int channels() const;         // a pixel, decoded
  std::uint64_t bytes() const;  // of the pixels as stored, uncompressed (not counting what interlacing adds)
};

enum class PngPart { head, whole };

// Every chunk is checked against its checksum.  head: up to the pixels; an eXIf chunk counts before them only, where PNG's third edition
// wants it.  Throws Error(data).  Nothing: the bytes end before the part does.
std::optional<PngParts> png_parts(const ImageFile& file, PngPart part);

// A file of these parts for a decoder that ignores checksums: IHDR, PLTE (filled up with black, for pixels beyond it), tRNS, one IDAT.
std::vector<std::byte> plain_png(const PngParts& parts);

}  // namespace fgan
