#include "data/pack.h"

#include <algorithm>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "data/formats/packed.h"
#include "data/parallel.h"
#include "tensor/safetensors_layout.h"

namespace fgan {
namespace {

constexpr std::int64_t kBytesAtOnce = 16 << 20;
constexpr std::size_t kPage = 4096;

class Packing {
 public:
  Packing(const Dataset& source, const DataOptions& options, const std::filesystem::path& path)
      : source_(source), shape_(source.sample_shape().rows(source.size())), checksums_(static_cast<std::size_t>(shape_.n)) {
    metadata_ = packed_settings(options);
    metadata_["format"] = kPackedFormat;
    metadata_["source"] = (options.path.has_filename() ? options.path : options.path.parent_path()).filename().string();
    metadata_["digest"] = source.digest();
    metadata_["replaced"] = std::to_string(shape_.n);  // the most that it can be: the header is written last and must not become longer
    const std::vector<std::string> classes = source.classes();
    for (std::size_t label = 0; label < classes.size(); ++label) metadata_[class_key(label)] = classes[label];
    if (!classes.empty()) labels_.resize(checksums_.size());
    pixels_begin_ = (header(0).size() + numbers().size() * sizeof(std::int64_t) + kPage - 1) / kPage * kPage;
    check_room(path, pixels_begin_ + static_cast<std::uintmax_t>(shape_.count()));
  }

  void write(OutputFile& file, const std::function<void()>& before_image) {
    file.write(std::vector<std::byte>(pixels_begin_));
    const std::int64_t at_once = std::max<std::int64_t>(1, kBytesAtOnce / shape_.example());
    for (std::int64_t first = 0; first < shape_.n; first += at_once)
      file.write(read(first, std::min(at_once, shape_.n - first), before_image));
    metadata_["replaced"] = std::to_string(source_.replaced());
    const std::vector<std::int64_t> tables = numbers();
    const std::size_t room = pixels_begin_ - tables.size() * sizeof(std::int64_t);
    const std::string begin = header(room);
    FGAN_CHECK(begin.size() == room, "a header of {} bytes in the place of {}", begin.size(), room);
    file.write_at(0, std::as_bytes(std::span(begin)));
    file.write_at(begin.size(), std::as_bytes(std::span(tables)));
  }

 private:
  std::span<const std::byte> read(std::int64_t first, std::int64_t count, const std::function<void()>& before_image) {
    const auto bytes = static_cast<std::size_t>(shape_.example());
    pixels_.resize(static_cast<std::size_t>(count) * bytes);
    for_each_index(count, [&](std::int64_t i) {
      before_image();
      const std::span<std::byte> image = std::span(pixels_).subspan(static_cast<std::size_t>(i) * bytes, bytes);
      source_.read(first + i, image);
      checksums_[static_cast<std::size_t>(first + i)] = static_cast<std::int64_t>(digest_value(image));
      if (!labels_.empty()) labels_[static_cast<std::size_t>(first + i)] = source_.label(first + i);
    });
    digest_.add(pixels_);
    return pixels_;
  }
  // What lies before the pixels, behind the header.
  std::vector<std::int64_t> numbers() const {
    std::vector<std::int64_t> numbers = checksums_;
    numbers.insert(numbers.end(), labels_.begin(), labels_.end());
    return numbers;
  }
  std::string header(std::size_t least) const {
    std::vector<TensorEntry> tensors{{"checksums", DType::i64, {shape_.n}, digest_text(std::as_bytes(std::span(checksums_)))}};
    if (!labels_.empty()) tensors.push_back({"labels", DType::i64, {shape_.n}, digest_text(std::as_bytes(std::span(labels_)))});
    tensors.push_back({"images", DType::u8, {shape_.n, shape_.h, shape_.w, shape_.c}, digest_.text()});
    return header_bytes(tensors, metadata_, least);
  }

  const Dataset& source_;
  const Shape shape_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::int64_t> checksums_, labels_;  // labels: or empty
  std::vector<std::byte> pixels_;
  Digest digest_;
  std::size_t pixels_begin_ = 0;
};

}  // namespace

void pack(const Dataset& source, const DataOptions& options, const std::filesystem::path& output,
          const std::function<void()>& before_image) {
  if (source.dtype() != DType::u8)
    fail(Exit::usage, "data.kind = gaussian-mixture draws numbers, not images: there is nothing to be packed");
  if (is_packed(options.path)) fail(Exit::usage, "'{}' is packed already: a copy of the file does the same", options.path.string());
  std::error_code ignored;
  if (std::filesystem::exists(output, ignored))
    fail(Exit::output, "'{}' exists already and is not overwritten; remove it or name another file", output.string());
  Packing packing(source, options, output);
  OutputFile file(output);
  packing.write(file, before_image);
  file.commit();
}

}  // namespace fgan
