// The order of work.  Images are taken in chunks whose pixels in the domain of the transforms stay in the caches; where a whole filter in
// the domain is large (deep layers: few pixels), its blocks are taken in groups.  Both are functions of shapes alone.
#include "device/cpu/winograd/plan.h"

#include <algorithm>

#include "base/error.h"

namespace fgan::winograd {
namespace {

constexpr std::int64_t kFilterBytes = std::int64_t{8} << 20;  // of a group
constexpr std::int64_t kChunkBytes = std::int64_t{4} << 20;   // of a chunk's pixels where the filter is one group
constexpr std::int64_t kPixelBytes = std::int64_t{32} << 20;  // and where it is not: for each chunk the filter is transformed again

std::int64_t parts(std::int64_t count, std::int64_t most) { return (count + most - 1) / most; }

Grid grid_of(const Shape& x, const Shape& y, std::int64_t outputs) {
  return {x.h, x.w, x.c, y.h, y.w, y.c, parts(y.h, outputs), parts(y.w, outputs)};
}

// [element][block][row][16]; an odd number of rows and a line between elements keep the elements of a tile in different cache sets.
Elements elements_of(std::int64_t blocks, std::int64_t rows) {
  const std::int64_t block = (rows | 1) * kBlock;
  return {nullptr, blocks * block + kBlock, block, 0};
}

class TiledConvolution final : public Plan {
 public:
  TiledConvolution(const Team& team, const Kernels& kernels, ConvPass pass, const Shape& x, const Shape& y, Memory& scratch)
      : team_(team), kernels_(kernels), pass_(pass), grid_(grid_of(x, y, kernels.outputs)), images_(x.n), scratch_(scratch) {
    const std::int64_t v_blocks = 4 * grid_.x_blocks(), y_blocks = grid_.y_blocks();
    fixed_ = pass == ConvPass::forward ? v_blocks : y_blocks;
    grouped_ = pass == ConvPass::forward ? y_blocks : v_blocks;
    const std::int64_t bytes = kernels.elements * kBlock * static_cast<std::int64_t>(sizeof(float));
    const std::int64_t most = std::max<std::int64_t>(kFilterBytes / (bytes * fixed_ * kBlock) / 2 * 2, 2);
    group_ = std::min(grouped_, most);
    const std::int64_t image_bytes = bytes * grid_.tiles() * (fixed_ + group_);
    const std::int64_t images = std::clamp<std::int64_t>((group_ < grouped_ ? kPixelBytes : kChunkBytes) / image_bytes, 1, images_);
    chunk_ = parts(images_, parts(images_, images));

    fixed_elements_ = elements_of(fixed_, chunk_ * grid_.tiles());
    grouped_elements_ = elements_of(group_, chunk_ * grid_.tiles());
    filter_elements_ = elements_of(group_, fixed_ * kBlock);
    zeros_.reserve(static_cast<std::size_t>(std::max(grid_.x_blocks(), y_blocks) * kBlock) * sizeof(float));
    const std::int64_t floats = fixed_elements_.element + grouped_elements_.element + filter_elements_.element;
    scratch.reserve(static_cast<std::size_t>(kernels.elements * floats) * sizeof(float));
  }

  void run(const void* first, const void* second, void* result) override {
    fixed_elements_.data = scratch_.floats();
    grouped_elements_.data = fixed_elements_.data + kernels_.elements * fixed_elements_.element;
    filter_elements_.data = grouped_elements_.data + kernels_.elements * grouped_elements_.element;
    const auto *a = static_cast<const float*>(first), *b = static_cast<const float*>(second);
    auto* c = static_cast<float*>(result);
    if (pass_ == ConvPass::grad_filter) sum_filter(a, b, c);
    else convolve(a, b, c);
  }

 private:
  std::int64_t x_example() const { return grid_.x_h * grid_.x_w * grid_.x_c; }
  std::int64_t y_example() const { return grid_.y_h * grid_.y_w * grid_.y_c; }
  Range chunk_at(std::int64_t first) const { return {first, std::min(images_, first + chunk_)}; }
  Range group_at(std::int64_t first) const { return {first, std::min(grouped_, first + group_)}; }

  // y of x, or dx of dy
  void convolve(const float* from, const float* filter, float* to) {
    for (std::int64_t image = 0; image < images_; image += chunk_) {
      const Range chunk = chunk_at(image);
      if (pass_ == ConvPass::forward) transform_x(from, chunk, {0, fixed_}, fixed_elements_);
      else transform_dy(from, chunk, fixed_elements_);
      for (std::int64_t block = 0; block < grouped_; block += group_) {
        const Range group = group_at(block);
        filter_elements_.first = grouped_elements_.first = block;
        if (image == 0 || group_ < grouped_) transform_filter(filter, group);
        multiply(chunk.count() * grid_.tiles(), group);
        if (pass_ == ConvPass::forward) write_y(chunk, group, to);
        else write_dx(chunk, group, to);
      }
    }
  }

  void sum_filter(const float* x, const float* dy, float* dfilter) {
    for (std::int64_t block = 0; block < grouped_; block += group_) {
      const Range group = group_at(block);
      filter_elements_.first = grouped_elements_.first = block;
      for (std::int64_t image = 0; image < images_; image += chunk_) {
        const Range chunk = chunk_at(image);
        if (block == 0 || chunk_ < images_) transform_dy(dy, chunk, fixed_elements_);
        transform_x(x, chunk, group, grouped_elements_);
        multiply_transposed(chunk.count() * grid_.tiles(), group, image > 0);
      }
      each(group.count(), [&](std::int64_t i) { kernels_.filter_grad(grid_, filter_elements_, group.begin + i, dfilter); });
    }
  }

  // f(i): never so little that waking the team would cost more
  template <class F>
  void each(std::int64_t count, const F& f) const {
    team_.each(count, count * kBlock * kernels_.elements * grid_.tiles_w * fixed_, f);
  }

  // f(image, image's place in the chunk, row of tiles, number of its first tile)
  template <class F>
  void each_row(Range chunk, const F& f) const {
    each(chunk.count() * grid_.tiles_h, [&](std::int64_t i) {
      const std::int64_t place = i / grid_.tiles_h, row = i % grid_.tiles_h;
      f(chunk.begin + place, row, place * grid_.tiles() + row * grid_.tiles_w);
    });
  }

  void transform_x(const float* x, Range chunk, Range blocks, const Elements& v) const {
    each_row(chunk, [&](std::int64_t image, std::int64_t row, std::int64_t tile) {
      kernels_.input(grid_, x + image * x_example(), zeros_.floats(), row, blocks, v, tile);
    });
  }

  void transform_dy(const float* dy, Range chunk, const Elements& y) const {
    each_row(chunk, [&](std::int64_t image, std::int64_t row, std::int64_t tile) {
      kernels_.output_grad(grid_, dy + image * y_example(), zeros_.floats(), row, {0, grid_.y_blocks()}, y, tile);
    });
  }

  void transform_filter(const float* filter, Range group) const {
    const auto transform = pass_ == ConvPass::forward ? kernels_.filter_by_output : kernels_.filter_by_input;
    each(group.count(), [&](std::int64_t i) { transform(grid_, filter, group.begin + i, filter_elements_); });
  }

  // f(element, first block of a panel within the group, its blocks)
  template <class F>
  void each_panel(Range group, const F& f) const {
    const std::int64_t panels = parts(group.count(), kernels_.panel);
    each(kernels_.elements * panels, [&](std::int64_t i) {
      const std::int64_t block = i % panels * kernels_.panel;
      f(i / panels, block, std::min(kernels_.panel, group.count() - block));
    });
  }

  void multiply(std::int64_t tiles, Range group) const {
    const Elements &a = fixed_elements_, &b = filter_elements_, &c = grouped_elements_;
    each_panel(group, [&](std::int64_t element, std::int64_t block, std::int64_t blocks) {
      kernels_.product(a.data + element * a.element, a.block, b.data + element * b.element + block * b.block, b.block, tiles,
                       fixed_ * kBlock, blocks, c.data + element * c.element + block * c.block, c.block);
    });
  }

  void multiply_transposed(std::int64_t tiles, Range group, bool add) const {
    const Elements &a = fixed_elements_, &b = grouped_elements_, &c = filter_elements_;
    each_panel(group, [&](std::int64_t element, std::int64_t block, std::int64_t blocks) {
      kernels_.product_transposed(a.data + element * a.element, a.block, b.data + element * b.element + block * b.block, b.block, grid_.y_c,
                                  tiles, blocks, add, c.data + element * c.element + block * c.block, c.block);
    });
  }

  void write_y(Range chunk, Range group, float* y) const {
    each_row(chunk, [&](std::int64_t image, std::int64_t row, std::int64_t tile) {
      kernels_.output(grid_, grouped_elements_, tile, row, group, y + image * y_example());
    });
  }

  // Tiles of a parity overlap and are added in order; parities do not.
  void write_dx(Range chunk, Range group, float* dx) const {
    each(chunk.count() * 4, [&](std::int64_t i) {
      const std::int64_t place = i / 4, image = chunk.begin + place;
      kernels_.input_grad(grid_, grouped_elements_, place * grid_.tiles(), static_cast<int>(i % 4), group, zeros_.floats(),
                          dx + image * x_example());
    });
  }

  Team team_;
  const Kernels& kernels_;
  ConvPass pass_;
  Grid grid_;
  std::int64_t images_;
  std::int64_t fixed_, grouped_;  // blocks of what is transformed once a chunk, and of what is taken in groups
  std::int64_t group_, chunk_;    // blocks at a time, images at a time
  Elements fixed_elements_, grouped_elements_, filter_elements_;
  Memory zeros_;
  Memory& scratch_;
};

}  // namespace

const Kernels& kernels(Isa isa, int outputs) {
  FGAN_CHECK(outputs == 2 || outputs == 4, "F({}, 2)", outputs);
  return isa == Isa::avx512 ? avx512_kernels(outputs) : avx2_kernels(outputs);
}

std::unique_ptr<Plan> make_plan(const Team& team, const Kernels& kernels, ConvPass pass, const Shape& x, const Shape& y, Memory& scratch) {
  return std::make_unique<TiledConvolution>(team, kernels, pass, x, y, scratch);
}

}  // namespace fgan::winograd
