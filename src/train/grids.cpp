#include <algorithm>
#include <cmath>

#include "data/loader.h"
#include "image/grid.h"
#include "train/pictures.h"

namespace fgan {
namespace {

struct Selection {
  std::vector<std::int64_t> indices;
  int columns = 0;  // 0: near-square
};

// In an order that has nothing to do with that of the set, which may be sorted.
std::vector<std::int64_t> spread(std::int64_t size, std::int64_t count) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < count; ++i) indices.push_back(permute(0, 0, i, size));
  return indices;
}

// Members of each class, the first `columns` in the order of the set; a class with fewer begins again.
Selection class_rows(const Dataset& dataset, std::int64_t columns) {
  std::vector<std::vector<std::int64_t>> members(dataset.classes().size());
  std::size_t full = 0;
  for (std::int64_t i = 0; i < dataset.size() && full < members.size(); ++i) {
    const int label = dataset.label(i);
    if (label < 0 || static_cast<std::int64_t>(members[static_cast<std::size_t>(label)].size()) == columns) continue;
    auto& row = members[static_cast<std::size_t>(label)];
    row.push_back(i);
    full += static_cast<std::int64_t>(row.size()) == columns;
  }
  Selection selection{{}, static_cast<int>(columns)};
  for (const auto& row : members)
    for (std::int64_t i = 0; i < columns && !row.empty(); ++i) selection.indices.push_back(row[static_cast<std::size_t>(i) % row.size()]);
  return selection;
}

Selection select(const Dataset& dataset, std::int64_t count) {
  const auto classes = static_cast<std::int64_t>(dataset.classes().size());
  const bool few = classes >= 2 && static_cast<double>(classes) <= 2 * std::sqrt(static_cast<double>(count));
  if (few) return class_rows(dataset, std::clamp<std::int64_t>(count / classes, 1, dataset.size()));
  return {spread(dataset.size(), std::min(count, dataset.size())), 0};
}

}  // namespace

Picture grid_of(const std::vector<std::uint8_t>& pixels, const Shape& example, int columns) {
  const auto count = static_cast<int>(static_cast<std::int64_t>(pixels.size()) / example.example());
  return tile({pixels, count, static_cast<int>(example.h), static_cast<int>(example.w), static_cast<int>(example.c)}, columns);
}

Picture data_grid(const Dataset& dataset, std::int64_t count) {
  const Shape shape = dataset.sample_shape();
  count = std::min(count, grid_capacity(static_cast<int>(shape.h), static_cast<int>(shape.w)));
  const Selection selection = select(dataset, count);
  const auto bytes = static_cast<std::size_t>(shape.example());
  std::vector<std::uint8_t> pixels(selection.indices.size() * bytes);
  for (std::size_t i = 0; i < selection.indices.size(); ++i)
    dataset.read(selection.indices[i], std::as_writable_bytes(std::span(pixels).subspan(i * bytes, bytes)));
  return grid_of(pixels, shape, selection.columns);
}

}  // namespace fgan
