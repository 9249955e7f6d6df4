#include "kernels/dot.h"

#include "kernels/column_sums.cuh"
#include "kernels/each.cuh"

namespace fgan::kernels {
namespace {

using math::from_float, math::to_float;

// One block per row at a time: its threads take packs of V in turn, four in flight each.  Reads x once; the weight stays in cache.
template <class T, class Y, int V>
__global__ void __launch_bounds__(kBlockThreads) dot_rows_kernel(math::ActivationSpec activation, std::int64_t rows, std::int64_t packs,
                                                                 const T* x, const T* weight, const float* bias, Y* y) {
  for (std::int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    const std::int64_t mine = packs > threadIdx.x ? (packs - threadIdx.x + kBlockThreads - 1) / kBlockThreads : 0;
    const auto at = [&](std::int64_t k) { return (threadIdx.x + k * kBlockThreads) * V; };
    float sum = 0;
    in_batches<4>(
        mine, [&](std::int64_t k) { return load<T, V>(x + row * packs * V + at(k)); },
        [&](std::int64_t k, const Pack<T, V>& numbers) {
          const Pack<T, V> factors = load<T, V>(weight + at(k));
          for (int v = 0; v < V; ++v) sum += to_float(numbers.at[v]) * to_float(factors.at[v]);
        });
    sum = block_sum<static_cast<int>(kBlockThreads)>(sum);
    if (threadIdx.x == 0) y[row] = from_float<Y>(math::value(activation, sum + (bias != nullptr ? *bias : 0.0f)));
  }
}

// One thread per pack of V; writes dx once, what it reads stays in cache.
template <class T, class Y, int V>
__global__ void outer_kernel(std::int64_t rows, std::int64_t packs, const Y* dy, const T* weight, T* dx) {
  each(rows, packs, [=](std::int64_t row, std::int64_t pack) {
    const float factor = to_float(dy[row]);
    Pack<T, V> numbers = load<T, V>(weight + pack * V);
    for (int v = 0; v < V; ++v) numbers.at[v] = from_float<T>(factor * to_float(numbers.at[v]));
    store(dx + (row * packs + pack) * V, numbers);
  });
}

// Threads and order are those of column_sums, a row being a pixel; reads x once.
template <class T, class Y, int V>
__global__ void __launch_bounds__(kThreads)
    weighted_rows_kernel(ColumnPlan plan, const T* x, const Y* dy, float* pieces, float* dweight, unsigned* arrivals) {
  column_sums<V>(plan, pieces, dweight, arrivals, [&](const Strand& strand) {
    const auto at = [&](std::int64_t k) { return strand.first + k * strand.step; };
    Sums<V> sums{};
    in_batches<4>(
        strand.count, [&](std::int64_t k) { return load<T, V>(x + at(k)); },
        [&](std::int64_t k, const Pack<T, V>& numbers) {
          const float factor = to_float(dy[at(k) / plan.tiling.channels]);
          for (int v = 0; v < V; ++v) sums.at[v] += factor * to_float(numbers.at[v]);
        });
    return sums;
  });
}

// f(T{}, Y{}, pack): the types of both and pack_of the width.
template <class F>
void with_types(Type wide, Type narrow, std::int64_t width, const F& f) {
  with_pack(wide, width, [&](auto element, auto pack) { with_type(narrow, [&](auto other) { f(element, other, pack); }); });
}

}  // namespace

void dot_rows(Stream stream, const math::ActivationSpec& activation, std::int64_t rows, std::int64_t width, Array x, Array weight,
              const float* bias, Array y) {
  const Work work{"dot_rows", bytes_of(x, rows * width) + bytes_of(weight, width) + bytes_of(bias, 1), bytes_of(y, rows),
                  access_of(x.type, width)};
  with_types(x.type, y.type, width, [&](auto element, auto other, auto pack) {
    using T = decltype(element);
    using Y = decltype(other);
    launch(work, dot_rows_kernel<T, Y, pack()>, grid_over(rows * kBlockThreads), stream, activation, rows, width / pack(), data_of<T>(x),
           data_of<T>(weight), bias, data_of<Y>(y));
  });
}

void outer(Stream stream, std::int64_t rows, std::int64_t width, Array dy, Array weight, Array dx) {
  const Work work{"outer", bytes_of(dy, rows) + bytes_of(weight, width), bytes_of(dx, rows * width), access_of(dx.type, width)};
  with_types(dx.type, dy.type, width, [&](auto element, auto other, auto pack) {
    using T = decltype(element);
    using Y = decltype(other);
    launch(work, outer_kernel<T, Y, pack()>, grid_over(rows * width / pack()), stream, rows, width / pack(), data_of<Y>(dy),
           data_of<T>(weight), data_of<T>(dx));
  });
}

std::size_t weighted_rows_scratch(std::int64_t width) { return column_sums_bytes(width); }

void weighted_rows(Stream stream, std::int64_t rows, std::int64_t width, Array x, Array dy, float* dweight, Scratch scratch,
                   unsigned* arrivals) {
  const Work work{"weighted_rows", bytes_of(x, rows * width) + bytes_of(dy, rows), bytes_of(dweight, width), access_of(x.type, width)};
  with_types(x.type, dy.type, width, [&](auto element, auto other, auto pack) {
    using T = decltype(element);
    using Y = decltype(other);
    const ColumnPlan plan(rows, width, pack());
    launch(work, weighted_rows_kernel<T, Y, pack()>, plan.grid(), stream, plan, data_of<T>(x), data_of<Y>(dy),
           static_cast<float*>(scratch.data), dweight, arrivals);
  });
}

}  // namespace fgan::kernels
