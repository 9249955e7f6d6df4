// The one thing we ask of EXIF: which way up the picture is.
#pragma once

#include <cstddef>
#include <span>

#include "image/orientation.h"

namespace fgan {

// Of a TIFF structure as JPEG's APP1 (after "Exif" and two zero bytes) and PNG's eXIf carry it; as_stored where it says nothing or
// nonsense, for EXIF is often damaged by programs that only pass it on.
Orientation exif_orientation(std::span<const std::byte> tiff);

}  // namespace fgan
