#include "data/formats/records.h"

#include "base/digest.h"
#include "base/error.h"
#include "data/formats/cifar.h"
#include "data/formats/idx.h"

namespace fgan {

ImageSet read_records(const LocatedData& data) {
  const bool cifar = data.format == DataFormat::cifar;
  FGAN_CHECK((cifar || data.format == DataFormat::idx) && !data.files.empty(), "{} files", data.files.size());
  ImageSet images = cifar ? read_cifar(data.files) : read_idx(data.files.front());
  Digest digest;
  digest.add(std::as_bytes(std::span(&images.shape, 1)));
  digest.add(images.pixels);
  images.digest = digest.text();
  images.description += describe_left_out(data);
  return images;
}

}  // namespace fgan
