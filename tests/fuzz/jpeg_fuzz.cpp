// JPEG files, with the EXIF in them.
#include "image/jpeg.h"
#include "pictures.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fgan;
  fuzz::check_picture(fuzz::bytes_of(data, size), {jpeg_info, decode_jpeg});
  return 0;
}
