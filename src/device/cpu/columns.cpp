#include "device/cpu/columns.h"

#include <cstring>
#include <type_traits>

#include "base/error.h"
#include "math/bf16.h"

namespace fgan {
namespace {

constexpr std::int64_t kFewChannels = 8, kTileRows = 16;

// Of columns at a time.  Few channels: what a second-level cache holds.  Many: the product has a filter of some MiB to read each time.
std::int64_t column_bytes(const ConvJob& job) { return std::int64_t{job.x.c <= kFewChannels ? 2 : 8} << 20; }

// Sums of products are f32, whatever the operands.
DType column_type(const ConvJob& job) { return job.pass == ConvPass::grad_input ? DType::f32 : job.dtype; }

std::int64_t images_at_a_time(const ConvJob& job) {
  const std::int64_t bytes = job.y.h * job.y.w * job.filter.example() * static_cast<std::int64_t>(size_of(column_type(job)));
  return std::clamp<std::int64_t>(column_bytes(job) / bytes, 1, job.y.n);
}

// What is common to all columns of an image.
struct Windows {
  ConvSpec spec;
  Shape x, y;

  std::int64_t line() const { return spec.kernel * x.c; }  // one row of a window
  std::int64_t window() const { return spec.kernel * line(); }
  std::int64_t row_of_windows() const { return y.w * window(); }  // of the pixels of one row of y
  // f(first element of the line in a row of x, in the window's line, elements) for the part of a line that is inside the image.
  template <class F>
  void inside(std::int64_t q, const F& f) const {
    const std::int64_t w = q * spec.stride - spec.padding, begin = std::max<std::int64_t>(0, -w),
                       end = std::min<std::int64_t>(spec.kernel, x.w - w);
    f((w + begin) * x.c, begin * x.c, (end - begin) * x.c);
  }
};

// The windows of the pixels of row p of y; x: one image.
template <class T>
void gather_row(const Windows& s, std::int64_t p, const T* x, T* columns) {
  for (std::int64_t i = 0; i < s.spec.kernel; ++i) {
    const std::int64_t h = p * s.spec.stride + i - s.spec.padding;
    const bool outside = h < 0 || h >= s.x.h;
    for (std::int64_t q = 0; q < s.y.w; ++q) {
      T* line = columns + q * s.window() + i * s.line();
      s.inside(q, [&](std::int64_t from, std::int64_t at, std::int64_t count) {
        if (outside || count < s.line()) std::memset(line, 0, static_cast<std::size_t>(s.line()) * sizeof(T));
        if (!outside) std::memcpy(line + at, x + h * s.x.w * s.x.c + from, static_cast<std::size_t>(count) * sizeof(T));
      });
    }
  }
}

// Row h of an image of dx: the columns of all (p, i) with p * stride + i - padding = h, and along the row likewise.  Windows follow each
// other that do not overlap: what was just written is not read at once, which would wait.
void sum_row(const Windows& s, std::int64_t h, const float* columns, float* row) {
  const std::int64_t apart = (s.spec.kernel + s.spec.stride - 1) / s.spec.stride;
  std::fill(row, row + s.x.w * s.x.c, 0.0f);
  for (std::int64_t i = 0; i < s.spec.kernel; ++i) {
    const std::int64_t below = h + s.spec.padding - i;
    if (below < 0 || below % s.spec.stride != 0 || below / s.spec.stride >= s.y.h) continue;
    const float* lines = columns + below / s.spec.stride * s.row_of_windows() + i * s.line();
    for (std::int64_t first = 0; first < apart; ++first)
      for (std::int64_t q = first; q < s.y.w; q += apart)
        s.inside(q, [&](std::int64_t to, std::int64_t at, std::int64_t count) {
          const float* line = lines + q * s.window() + at;
#pragma omp simd
          for (std::int64_t j = 0; j < count; ++j) row[to + j] += line[j];
        });
  }
}

template <class T>
class ColumnsPlan final : public Plan {
 public:
  ColumnsPlan(const Team& team, OneDnn& onednn, Memory& columns, const ConvJob& job)
      : team_(team), columns_(columns), windows_{job.spec, job.x, job.y}, pass_(job.pass), images_(images_at_a_time(job)) {
    const std::int64_t pixels = images_ * job.y.h * job.y.w, rounded_later = rounds_sums() ? images_ * job.x.example() : 0;
    columns.reserve(static_cast<std::size_t>(pixels * windows_.window()) * size_of(column_type(job)) +
                    static_cast<std::size_t>(rounded_later) * sizeof(float));
    product_ = product(onednn, job, pixels);
    if (const std::int64_t rest = job.x.n % images_) last_product_ = product(onednn, job, rest * job.y.h * job.y.w);
  }

  void run(const void* first, const void* second, void* result) override {
    const auto *a = static_cast<const T*>(first), *b = static_cast<const T*>(second);
    const std::int64_t x = windows_.x.example(), y = windows_.y.example();
    if (pass_ == ConvPass::grad_filter) std::memset(result, 0, static_cast<std::size_t>(windows_.y.c * windows_.window()) * sizeof(float));
    for (std::int64_t n = 0; n < windows_.x.n; n += images_) {
      const std::int64_t images = std::min(images_, windows_.x.n - n);
      Plan& product = images == images_ ? *product_ : *last_product_;
      if (pass_ != ConvPass::grad_input) gather(images, a + n * x);
      switch (pass_) {
        case ConvPass::forward: product.run(columns_.data(), b, static_cast<T*>(result) + n * y); break;
        case ConvPass::grad_filter: product.run(b + n * y, columns_.data(), result); break;
        case ConvPass::grad_input: product.run(a + n * y, b, columns_.data()); sum(images, static_cast<T*>(result) + n * x);
      }
    }
  }

 private:
  static constexpr bool rounds_sums() { return !std::is_same_v<T, float>; }

  std::unique_ptr<Plan> product(OneDnn& onednn, const ConvJob& job, std::int64_t pixels) const {
    const std::int64_t window = windows_.window();
    const auto y = OneDnn::row_major(pixels, job.y.c, job.dtype), filter = OneDnn::row_major(job.y.c, window, job.dtype);
    const auto seen = OneDnn::row_major(pixels, window, column_type(job));
    if (pass_ == ConvPass::forward) return onednn.product(seen, filter.transposed(), y);
    if (pass_ == ConvPass::grad_input) return onednn.product(y, filter, seen);
    return onednn.product(y.transposed(), seen, OneDnn::row_major(job.y.c, window), OneDnn::Result::added);
  }

  void gather(std::int64_t images, const T* x) {
    T* columns = static_cast<T*>(static_cast<void*>(columns_.data()));
    const Windows s = windows_;
    const std::int64_t rows = images * s.y.h;
    team_.each(rows, rows * s.row_of_windows(),
               [=](std::int64_t r) { gather_row(s, r % s.y.h, x + r / s.y.h * s.x.example(), columns + r * s.row_of_windows()); });
  }

  void sum(std::int64_t images, T* dx) {
    const Windows s = windows_;
    const std::int64_t rows = images * s.x.h, width = s.x.w * s.x.c, image = s.y.h * s.row_of_windows();
    const float* columns = columns_.floats();
    float* sums = nullptr;
    if constexpr (rounds_sums()) sums = columns_.floats() + images_ * image;
    else sums = dx;
    team_.each(rows, images * image, [=](std::int64_t r) {
      float* row = sums + r * width;
      sum_row(s, r % s.x.h, columns + r / s.x.h * image, row);
      if constexpr (rounds_sums())
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) dx[r * width + i] = math::to_bf16(row[i]);
    });
  }

  Team team_;
  Memory& columns_;
  Windows windows_;
  ConvPass pass_;
  std::int64_t images_;
  std::unique_ptr<Plan> product_, last_product_;  // of images_; of what is left over
};

}  // namespace

// With AMX oneDNN 2.6 makes a tile's rows of the pixels of one row of y, and is 1.4 to 20 times slower where they do not fill it:
// docs/measurements/2026-11-21-bf16-cpu.md.
bool columns_pay(const ConvJob& job) {
  if (job.pass == ConvPass::grad_input && job.x.c <= kFewChannels) return true;
  if (job.dtype != DType::bf16 || !OneDnn::has_amx()) return false;
  return job.y.w <= (job.pass == ConvPass::grad_filter ? kTileRows : kTileRows / 4);
}

std::unique_ptr<Plan> make_columns_plan(const Team& team, OneDnn& onednn, Memory& columns, const ConvJob& job) {
  if (job.dtype == DType::bf16) return std::make_unique<ColumnsPlan<math::Bf16>>(team, onednn, columns, job);
  return std::make_unique<ColumnsPlan<float>>(team, onednn, columns, job);
}

}  // namespace fgan
