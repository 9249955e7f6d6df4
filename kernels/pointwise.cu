#include "kernels/pointwise.h"

#include "kernels/column_sums.cuh"
#include "kernels/each.cuh"

namespace fgan::kernels {
namespace {

using math::ActivationSpec, math::from_float, math::to_float;

// y = activation(x + bias).  One thread per element; reads x, writes y once, the bias stays in cache.  y may be x.
template <class T>
__global__ void bias_act_kernel(ActivationSpec activation, std::int64_t pixels, std::int64_t channels, const T* x, const float* bias,
                                T* y) {
  each(pixels, channels, [=](std::int64_t p, std::int64_t c) {
    const std::int64_t i = p * channels + c;
    y[i] = from_float<T>(math::value(activation, to_float(x[i]) + (bias != nullptr ? bias[c] : 0.0f)));
  });
}

template <class T>
__device__ float slope_times(const ActivationSpec& activation, T y, T dy) {
  return to_float(dy) * math::slope_from_output(activation, to_float(y));
}

// dx = dy activation'(y).  One thread per element; reads y and dy, writes dx once.  dx may be dy.
template <class T>
__global__ void act_grad_kernel(ActivationSpec activation, std::int64_t count, const T* y, const T* dy, T* dx) {
  each(count, [=](std::int64_t i) { dx[i] = from_float<T>(slope_times(activation, y[i], dy[i])); });
}

// The same, and sums[chunk, c] = sum of dx over the pixels of the chunk: threads, order and sums are those of column_sums.
template <class T>
__global__ void bias_act_grad_kernel(ActivationSpec activation, ColumnPlan plan, const T* y, const T* dy, T* dx, float* sums) {
  column_sums(plan, sums, [=](std::int64_t i) {
    const float d = slope_times(activation, y[i], dy[i]);
    dx[i] = from_float<T>(d);
    return d;
  });
}

// sums[chunk, c] = sum of x over the rows of the chunk.
__global__ void add_rows_kernel(ColumnPlan plan, const float* x, float* sums) {
  column_sums(plan, sums, [=](std::int64_t i) { return x[i]; });
}

// y = x factor.  One thread per four elements of a row, which share a block of random words; reads x, writes y once.  y may be x.
template <class T>
__global__ void dropout_kernel(math::DropoutSpec spec, const std::int64_t* counter, std::int64_t rows, std::int64_t width, const T* x,
                               T* y) {
  const auto step = static_cast<std::uint64_t>(*counter);
  each(rows, (width + 3) / 4, [=](std::int64_t row, std::int64_t quad) {
    const math::Philox4 words = math::random_block(spec.seed, spec.purpose, step, spec.first_row + static_cast<std::uint32_t>(row),
                                                   spec.first_element / 4 + static_cast<std::uint32_t>(quad));
    const std::int64_t at = row * width + 4 * quad;
    for (int i = 0; i < 4 && 4 * quad + i < width; ++i)
      y[at + i] = from_float<T>(to_float(x[at + i]) * math::dropout_factor(spec.rate, words.x[i]));
  });
}

// One thread per element; reads x, writes y once.
template <class T, class U>
__global__ void convert_kernel(std::int64_t count, const T* x, U* y) {
  each(count, [=](std::int64_t i) { y[i] = from_float<U>(to_float(x[i])); });
}

// One thread: nobody else may write the counter meanwhile, which the order of the stream sees to.
__global__ void add_to_counter_kernel(std::int64_t amount, std::int64_t* counter) { *counter += amount; }

}  // namespace

void bias_act(Stream stream, const ActivationSpec& activation, std::int64_t pixels, std::int64_t channels, Array x, const float* bias,
              Array y) {
  const std::int64_t count = pixels * channels;
  with_type(x.type, [&](auto t) {
    using T = decltype(t);
    launch({"bias_act", bytes_of(x, count) + bytes_of(bias, channels), bytes_of(y, count)}, bias_act_kernel<T>, grid_over(count), stream,
           activation, pixels, channels, data_of<T>(x), bias, data_of<T>(y));
  });
}

std::size_t bias_act_grad_scratch(std::int64_t pixels, std::int64_t channels) { return column_sums_bytes(pixels, channels); }

void bias_act_grad(Stream stream, const ActivationSpec& activation, std::int64_t pixels, std::int64_t channels, Array y, Array dy, Array dx,
                   float* dbias, Scratch scratch) {
  const std::int64_t count = pixels * channels, read = bytes_of(y, count) + bytes_of(dy, count), written = bytes_of(dx, count);
  with_type(y.type, [&](auto t) {
    using T = decltype(t);
    if (dbias == nullptr) {
      launch({"act_grad", read, written}, act_grad_kernel<T>, grid_over(count), stream, activation, count, data_of<T>(y), data_of<T>(dy),
             data_of<T>(dx));
      return;
    }
    const ColumnPlan plan = plan_columns(pixels, channels);
    auto* sums = plan.chunks > 1 ? static_cast<float*>(scratch.data) : dbias;
    const std::int64_t sum_bytes = bytes_of(sums, plan.chunks * channels);
    launch({"bias_act_grad", read, written + sum_bytes}, bias_act_grad_kernel<T>, grid_of(plan), stream, activation, plan, data_of<T>(y),
           data_of<T>(dy), data_of<T>(dx), sums);
    if (plan.chunks == 1) return;
    const ColumnPlan last = plan_one_chunk(plan.chunks, channels);
    launch({"bias_act_grad sums", sum_bytes, bytes_of(dbias, channels)}, add_rows_kernel, grid_of(last), stream, last, sums, dbias);
  });
}

void dropout(Stream stream, const math::DropoutSpec& spec, const std::int64_t* counter, std::int64_t rows, std::int64_t width, Array x,
             Array y) {
  with_type(x.type, [&](auto t) {
    using T = decltype(t);
    launch({"dropout", bytes_of(x, rows * width), bytes_of(y, rows * width)}, dropout_kernel<T>, grid_over(rows * ((width + 3) / 4)),
           stream, spec, counter, rows, width, data_of<T>(x), data_of<T>(y));
  });
}

void convert(Stream stream, std::int64_t count, Array x, Array y) {
  with_type(x.type, [&](auto from) {
    with_type(y.type, [&](auto to) {
      using T = decltype(from);
      using U = decltype(to);
      launch({"convert", bytes_of(x, count), bytes_of(y, count)}, convert_kernel<T, U>, grid_over(count), stream, count, data_of<T>(x),
             data_of<U>(y));
    });
  });
}

void add_to_counter(Stream stream, std::int64_t amount, std::int64_t* counter) {
  launch({"add_to_counter", bytes_of(counter, 1), bytes_of(counter, 1)}, add_to_counter_kernel, Grid{}, stream, amount, counter);
}

}  // namespace fgan::kernels
