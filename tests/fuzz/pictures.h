// What holds of every decoder of pictures.
#pragma once

#include <optional>

#include "image/fit.h"
#include "image/image_file.h"
#include "target.h"

namespace fgan::fuzz {

struct Decoder {
  std::optional<ImageInfo> (*info)(const ImageFile&);
  Picture (*decode)(const ImageFile&);
};

// A header says the same whether all of the file is there or its beginning.
inline void check_beginning(std::span<const std::byte> bytes, const Decoder& decoder, const ImageInfo& whole) {
  const std::optional<ImageInfo> part = decoder.info({"fuzz", bytes.size(), bytes.first(bytes.size() / 2)});
  require(!part || (part->width == whole.width && part->height == whole.height && part->channels == whole.channels &&
                    part->orientation == whole.orientation),
          "the beginning of a file says what the whole file does");
}

// Whether a picture came out.
inline bool check_picture(std::span<const std::byte> bytes, const Decoder& decoder) {
  constexpr int kLargest = 1 << 20;  // pixels: larger ones take time and say no more
  const ImageFile file{"fuzz", bytes.size(), bytes};
  std::optional<ImageInfo> info;
  if (!accepts(Exit::data, [&] { info = decoder.info(file); })) return false;
  require(info.has_value(), "a whole file has a header or is refused");
  check_beginning(bytes, decoder, *info);
  if (std::int64_t{info->width} * info->height > kLargest) return false;
  Picture picture;
  if (!accepts(Exit::data, [&] { picture = decoder.decode(file); })) return false;
  require(picture.width == info->width && picture.height == info->height && picture.channels == info->channels &&
              picture.pixels.size() == picture.index(0, picture.height),
          "a picture is what its header says");
  const Picture fitted = fit(upright(std::move(picture), info->orientation), {8, 8, 3, Fit::crop, 255});
  require(fitted.pixels.size() == 8 * 8 * 3, "every picture can be trained on");
  return true;
}

}  // namespace fgan::fuzz
