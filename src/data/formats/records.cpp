#include "data/formats/records.h"

#include "base/digest.h"
#include "base/error.h"
#include "data/formats/cifar.h"
#include "data/formats/idx.h"
#include "data/formats/records_as_needed.h"

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

std::unique_ptr<Dataset> open_records(const LocatedData& data, const DataOptions& options) {
  if (auto as_needed = open_records_as_needed(data, options)) return as_needed;
  ImageSet images = read_records(data);
  bring_to(options, images);
  return hold(std::move(images));
}

}  // namespace fgan
