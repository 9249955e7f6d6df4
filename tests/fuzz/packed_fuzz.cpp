// Packed images: as they are, and with checksums mended, which no fuzzer guesses.
#include "../unit/scratch.h"
#include "base/digest.h"
#include "data/formats/packed.h"
#include "target.h"
#include "tensor/safetensors_layout.h"

using namespace fgan;
using namespace fgan::fuzz;

namespace {

// Of as many images as the table is for.
std::vector<std::byte> image_checksums(const HeaderEntry& images, std::span<const std::byte> pixels, std::size_t bytes) {
  std::vector<std::byte> table(bytes);
  const auto count = static_cast<std::size_t>(images.dims.empty() ? 0 : images.dims[0]);
  for (std::size_t i = 0; i < count && 8 * i + 8 <= bytes; ++i) {
    const std::uint64_t value = digest_value(pixels.subspan(i * (pixels.size() / count), pixels.size() / count));
    for (std::size_t b = 0; b < 8; ++b) table[8 * i + b] = static_cast<std::byte>(value >> (8 * b));
  }
  return table;
}

std::string mended(const std::filesystem::path& path) {
  const InputFile file(path);
  const StoredHeader header = read_header(file, Checksums::ignored);
  const HeaderEntry* images = header.find("images");
  std::vector<TensorEntry> tensors;
  std::string data;
  for (const HeaderEntry& entry : header.entries) {
    std::vector<std::byte> bytes = read_tensor(file, header, entry, Checksums::ignored);
    if (images != nullptr && entry.name == "checksums")
      bytes = image_checksums(*images, read_tensor(file, header, *images, Checksums::ignored), bytes.size());
    tensors.push_back({entry.name, entry.dtype, entry.dims, digest_text(bytes)});
    data.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return header_bytes(tensors, without_checksums(header.metadata)) + data;
}

void read(const std::filesystem::path& path) {
  DataOptions options;
  options.path = path;
  accepts(Exit::data, [&] {
    const auto data = open_packed(path, options);
    require(is_packed(path), "what is read is recognised");
    require(data->size() > 0 && !data->description().empty(), "there are images, and words for them");
    const auto classes = static_cast<int>(data->classes().size());
    std::vector<std::byte> pixels(static_cast<std::size_t>(data->sample_shape().example()));
    for (std::int64_t i = 0; i < std::min<std::int64_t>(data->size(), 64); ++i) {
      require(data->label(i) >= -1 && data->label(i) < classes, "labels have names");
      data->read(i, pixels);
    }
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::Scratch scratch;
  const auto path = scratch.file("packed.safetensors", text_of(data, size));
  read(path);
  std::string whole;
  if (accepts(Exit::data, [&] { whole = mended(path); })) read(scratch.file("mended.safetensors", whole));
  return 0;
}
