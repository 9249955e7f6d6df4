#include "train/sample_files.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "image/grid.h"
#include "image/png.h"
#include "tensor/npy.h"
#include "train/pictures.h"
#include "train/stop.h"

namespace fgan {
namespace {

constexpr std::int64_t kChunk = 16 * Sampling::kRows;

// part(first, rows) for chunks that end at multiples of kChunk, so that no sample is drawn twice.
template <class F>
void in_chunks(std::int64_t first, std::int64_t count, const F& part) {
  for (std::int64_t at = first, end = first + count; at < end;) {
    const std::int64_t next = std::min(end, (at / kChunk + 1) * kChunk);
    part(at, next - at);
    at = next;
  }
}

void write_array(Sampling& sampling, const Shape& example, DType type, const std::filesystem::path& path, std::int64_t first,
                 std::int64_t count) {
  const bool images = type == DType::u8;
  const std::vector<std::int64_t> dims =
      images ? std::vector{count, example.h, example.w, example.c} : std::vector{count, example.example()};
  OutputFile file(path);
  const auto write = [&](const auto& values) { file.write(std::as_bytes(std::span(values))); };
  write(npy_header(type, dims));
  in_chunks(first, count, [&](std::int64_t at, std::int64_t rows) {
    if (images) write(sampling.draw_pixels(at, rows));
    else write(sampling.draw(at, rows));
  });
  file.commit();
}

void write_singles(Sampling& sampling, const Shape& example, const std::filesystem::path& folder, std::int64_t first, std::int64_t count) {
  make_folder(folder);
  in_chunks(first, count, [&](std::int64_t at, std::int64_t rows) {
    const std::vector<std::uint8_t> pixels = sampling.draw_pixels(at, rows);
    const auto bytes = static_cast<std::size_t>(example.example());
    for (std::int64_t i = 0; i < rows; ++i) {
      throw_if_stopping();
      write_png(folder / format("{:08d}.png", at + i), std::span(pixels).subspan(static_cast<std::size_t>(i) * bytes, bytes),
                static_cast<int>(example.w), static_cast<int>(example.h), static_cast<int>(example.c));
    }
  });
}

}  // namespace

void write_sample_files(Sampling& sampling, const Shape& example, DType type, const std::filesystem::path& path, std::int64_t first,
                        std::int64_t count) {
  if (path.extension() == ".npy") return write_array(sampling, example, type, path, first, count);
  const bool grid = path.extension() == ".png";
  if (path == "-" || (!grid && path.has_extension() && !std::filesystem::is_directory(path)))
    fail(Exit::usage, "cannot write samples to '{}': name a grid NAME.png, an array NAME.npy, or a folder", path.string());
  if (type != DType::u8)
    fail(Exit::usage, "the generator was trained on numbers, not images: write them to NAME.npy; plots are in the run's folder samples");
  if (!grid) return write_singles(sampling, example, path, first, count);
  const std::int64_t most = grid_capacity(static_cast<int>(example.h), static_cast<int>(example.w));
  if (count > most)
    fail(Exit::usage, "a grid holds at most {} images of this size, not {}: an array NAME.npy or a folder takes any number", most, count);
  write_png(path, grid_of(sampling.draw_pixels(first, count), example));
}

}  // namespace fgan
