// IDX files of images, and, where the magic number is theirs, of labels.
#include "../unit/scratch.h"
#include "data/formats/idx.h"
#include "data/formats/idx_labels.h"
#include "data/formats/idx_numbers.h"
#include "target.h"

using namespace fgan;
using namespace fgan::fuzz;

namespace {

void read_labels(const std::filesystem::path& images, std::span<const std::byte> labels) {
  const std::int64_t promised = labels.size() < 8 ? 0 : big_endian(labels.subspan(4)) % 4096;
  for (const std::int64_t count : {promised, std::int64_t{3}}) {
    accepts(Exit::data, [&] {
      const auto read = read_labels_beside(images, count);
      require(static_cast<std::int64_t>(read.size()) == count, "there is a label for each image");
    });
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::Scratch scratch;
  const auto bytes = bytes_of(data, size);
  const bool is_packed = size > 1 && data[0] == 0x1f && data[1] == 0x8b;
  if (is_packed || (size >= 4 && big_endian(bytes) == kIdxLabels)) {
    scratch.file("labels", text_of(data, size));
    read_labels(scratch / "images", bytes);
  }
  const auto path = scratch.file("whole", text_of(data, size));
  accepts(Exit::data, [&] {
    const ImageSet images = read_idx(path);
    require(is_idx_images(path), "what is read is recognised");
    require(static_cast<std::int64_t>(images.pixels.size()) == images.shape.count(), "there is a byte for each pixel");
  });
  return 0;
}
