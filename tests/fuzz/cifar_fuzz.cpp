// CIFAR-10: batches, and behind the last whole record the names of classes.
#include "../unit/scratch.h"
#include "data/formats/cifar.h"
#include "target.h"

using namespace fgan;
using namespace fgan::fuzz;

namespace {

void read(const std::filesystem::path& path) {
  accepts(Exit::data, [&] {
    const ImageSet images = read_cifar(std::span(&path, 1));
    require(is_cifar(path), "what is read is recognised");
    require(static_cast<std::int64_t>(images.pixels.size()) == images.shape.count(), "there is a byte for each pixel");
    for (const std::int32_t label : images.labels) require(static_cast<std::size_t>(label) < images.classes.size(), "labels have names");
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kRecord = 3073;
  static const test::Scratch alone, with_names;
  const std::string_view text = text_of(data, size);
  read(alone.file("data_batch_1.bin", text));
  with_names.file("batches.meta.txt", text.substr(size - size % kRecord));
  read(with_names.file("data_batch_1.bin", text.substr(0, size - size % kRecord)));
  return 0;
}
