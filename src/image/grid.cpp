#include "image/grid.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/png.h"

namespace fgan {
namespace {

constexpr int kComfortable = 56;          // pixels of the longer side
constexpr std::uint8_t kSeparator = 128;  // shows beside black and white images alike

// The most even division without empty cells, if it is not more than twice as wide as high; else a square with some empty cells.
int columns_for(int count) {
  const int root = static_cast<int>(std::ceil(std::sqrt(count)));
  for (int columns = root; columns * columns <= 2 * count; ++columns) {
    if (count % columns == 0) return columns;
  }
  return root;
}

struct Cells {
  int columns, rows, factor, width, height;  // pixels of a cell without separator

  int picture_width() const { return columns * (width + 1) - 1; }
  int picture_height() const { return rows * (height + 1) - 1; }
};

Cells cells_of(int height, int width) {
  const int longer = std::max(height, width);
  const int factor = (kComfortable + longer - 1) / longer;
  return {(kMaxPictureSide + 1) / (width * factor + 1), (kMaxPictureSide + 1) / (height * factor + 1), factor, width * factor,
          height * factor};
}

Cells arrange(const Images& images, int columns) {
  Cells cells = cells_of(images.height, images.width);
  if (columns == 0) columns = std::max(columns_for(images.count), (images.count + cells.rows - 1) / cells.rows);
  columns = std::min(cells.columns, columns);
  cells.columns = columns;
  cells.rows = std::min(cells.rows, (images.count + columns - 1) / columns);
  return cells;
}

std::uint8_t on_white(std::uint8_t value, std::uint8_t alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

void put(const Images& images, int image, const Cells& cells, int left, int top, Picture& picture) {
  const auto channels = static_cast<std::size_t>(images.channels), colours = static_cast<std::size_t>(picture.channels);
  for (int y = 0; y < cells.height; ++y) {
    for (int x = 0; x < cells.width; ++x) {
      const auto row =
          static_cast<std::size_t>(image) * static_cast<std::size_t>(images.height) + static_cast<std::size_t>(y / cells.factor);
      const std::uint8_t* from =
          &images.pixels[(row * static_cast<std::size_t>(images.width) + static_cast<std::size_t>(x / cells.factor)) * channels];
      std::uint8_t* to = &picture.pixels[picture.index(left + x, top + y)];
      for (std::size_t c = 0; c < colours; ++c) to[c] = channels == colours ? from[c] : on_white(from[c], from[colours]);
    }
  }
}

}  // namespace

Picture tile(const Images& images, int columns) {
  FGAN_CHECK(images.count > 0 && images.height > 0 && images.width > 0 && images.channels >= 1 && images.channels <= 4 &&
                 std::max(images.height, images.width) <= kMaxPictureSide,
             "{} images of {}x{}x{}", images.count, images.height, images.width, images.channels);
  const std::size_t bytes =
      static_cast<std::size_t>(images.height) * static_cast<std::size_t>(images.width) * static_cast<std::size_t>(images.channels);
  FGAN_CHECK(images.pixels.size() == bytes * static_cast<std::size_t>(images.count), "{} bytes for {} images of {}", images.pixels.size(),
             images.count, bytes);
  const Cells cells = arrange(images, columns);
  Picture picture{cells.picture_width(), cells.picture_height(), images.channels <= 2 ? 1 : 3, {}};
  picture.pixels.assign(picture.index(0, picture.height), kSeparator);
  for (int i = 0; i < std::min(images.count, cells.columns * cells.rows); ++i) {
    put(images, i, cells, i % cells.columns * (cells.width + 1), i / cells.columns * (cells.height + 1), picture);
  }
  return picture;
}

std::int64_t grid_capacity(int height, int width) {
  const Cells cells = cells_of(height, width);
  return std::int64_t{cells.columns} * cells.rows;
}

}  // namespace fgan
