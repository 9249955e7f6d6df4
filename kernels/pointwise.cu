#include "kernels/pointwise.h"

#include "kernels/column_sums.cuh"
#include "kernels/each.cuh"

namespace fgan::kernels {
namespace {

using math::ActivationSpec, math::from_float, math::to_float;

// y = activation(x + bias).  One thread per pack of V channels; reads x, writes y once, the bias stays in cache.  y may be x.
template <class T, int V>
__global__ void bias_act_kernel(ActivationSpec activation, std::int64_t pixels, std::int64_t packs, const T* x, const float* bias, T* y) {
  each(pixels, packs, [=](std::int64_t p, std::int64_t pack) {
    const std::int64_t c = pack * V, i = p * packs * V + c;
    Pack<T, V> numbers = load<T, V>(x + i);
    for (int v = 0; v < V; ++v) {
      const float sum = to_float(numbers.at[v]) + (bias != nullptr ? bias[c + v] : 0.0f);
      numbers.at[v] = from_float<T>(math::value(activation, sum));
    }
    store(y + i, numbers);
  });
}

// dx = dy activation'(y), also as it is before it is rounded.
template <class T, int V, class Fixed>
__device__ Sums<V> write_gradient(const Fixed& activation, const Pack<T, V>& y, const Pack<T, V>& dy, T* dx) {
  Pack<T, V> rounded;
  Sums<V> exact;
  for (int v = 0; v < V; ++v) {
    exact.at[v] = to_float(dy.at[v]) * activation.slope_from_output(to_float(y.at[v]));
    rounded.at[v] = from_float<T>(exact.at[v]);
  }
  store(dx, rounded);
  return exact;
}

// One thread per pack of V channels; reads y and dy, writes dx once.  dx may be dy.
template <class T, int V>
__global__ void act_grad_kernel(ActivationSpec activation, std::int64_t packs, const T* y, const T* dy, T* dx) {
  math::with_activation(activation, [&](auto fixed) {
    each(packs, [&](std::int64_t pack) {
      const std::int64_t i = pack * V;
      write_gradient<T, V>(fixed, load<T, V>(y + i), load<T, V>(dy + i), dx + i);
    });
  });
}

// The same, and dbias[c] = sum of dx over the pixels: threads and order are those of column_sums.
template <class T, int V>
__global__ void __launch_bounds__(kThreads) bias_act_grad_kernel(ActivationSpec activation, ColumnPlan plan, const T* y, const T* dy, T* dx,
                                                                 float* pieces, float* dbias, unsigned* arrivals) {
  struct Both {
    Pack<T, V> y, dy;
  };
  column_sums<V>(plan, pieces, dbias, arrivals, [&](const Strand& strand) {
    const auto at = [&](std::int64_t k) { return strand.first + k * strand.step; };
    const auto get = [&](std::int64_t k) { return Both{load<T, V>(y + at(k)), load<T, V>(dy + at(k))}; };
    Sums<V> sums{};
    math::with_activation(activation, [&](auto fixed) {
      in_batches<V == 8 ? 2 : 4>(strand.count, get, [&](std::int64_t k, const Both& both) {
        sums = sums + write_gradient<T, V>(fixed, both.y, both.dy, dx + at(k));
      });
    });
    return sums;
  });
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
    const auto dropped = [&](T number, int i) { return from_float<T>(to_float(number) * math::dropout_factor(spec.rate, words.x[i])); };
    if (width % 4 == 0) {
      Pack<T, 4> four = load<T, 4>(x + at);
      for (int i = 0; i < 4; ++i) four.at[i] = dropped(four.at[i], i);
      store(y + at, four);
    } else {
      for (int i = 0; i < 4 && 4 * quad + i < width; ++i) y[at + i] = dropped(x[at + i], i);
    }
  });
}

// One thread per element; reads x, writes y once.
template <class T, class U>
__global__ void convert_kernel(std::int64_t count, const T* x, U* y) {
  each(count, [=](std::int64_t i) { y[i] = from_float<U>(to_float(x[i])); });
}

}  // namespace

void bias_act(Stream stream, const ActivationSpec& activation, std::int64_t pixels, std::int64_t channels, Array x, const float* bias,
              Array y) {
  const std::int64_t count = pixels * channels;
  with_pack(x.type, channels, [&](auto element, auto pack) {
    using T = decltype(element);
    launch({"bias_act", bytes_of(x, count) + bytes_of(bias, channels), bytes_of(y, count), access_of(x.type, channels)},
           bias_act_kernel<T, pack()>, grid_over(count / pack()), stream, activation, pixels, channels / pack(), data_of<T>(x), bias,
           data_of<T>(y));
  });
}

std::size_t bias_act_grad_scratch(std::int64_t channels) { return column_sums_bytes(channels); }

void bias_act_grad(Stream stream, const ActivationSpec& activation, std::int64_t pixels, std::int64_t channels, Array y, Array dy, Array dx,
                   float* dbias, Scratch scratch, unsigned* arrivals) {
  const std::int64_t count = pixels * channels, read = bytes_of(y, count) + bytes_of(dy, count);
  const Work work{dbias != nullptr ? "bias_act_grad" : "act_grad", read, bytes_of(dx, count) + bytes_of(dbias, channels),
                  access_of(y.type, channels)};
  with_pack(y.type, channels, [&](auto element, auto pack) {
    using T = decltype(element);
    const ColumnPlan plan(pixels, channels, pack());
    if (dbias == nullptr)
      launch(work, act_grad_kernel<T, pack()>, grid_over(count / pack()), stream, activation, count / pack(), data_of<T>(y), data_of<T>(dy),
             data_of<T>(dx));
    else
      launch(work, bias_act_grad_kernel<T, pack()>, plan.grid(), stream, activation, plan, data_of<T>(y), data_of<T>(dy), data_of<T>(dx),
             static_cast<float*>(scratch.data), dbias, arrivals);
  });
}

void dropout(Stream stream, const math::DropoutSpec& spec, const std::int64_t* counter, std::int64_t rows, std::int64_t width, Array x,
             Array y) {
  with_type(x.type, [&](auto t) {
    using T = decltype(t);
    launch({"dropout", bytes_of(x, rows * width), bytes_of(y, rows * width), quad_access<T>(width)}, dropout_kernel<T>,
           grid_over(rows * ((width + 3) / 4)), stream, spec, counter, rows, width, data_of<T>(x), data_of<T>(y));
  });
}

void convert(Stream stream, std::int64_t count, Array x, Array y) {
  with_type(x.type, [&](auto from) {
    with_type(y.type, [&](auto to) {
      using T = decltype(from);
      using U = decltype(to);
      launch({"convert", bytes_of(x, count), bytes_of(y, count), sizeof(T)}, convert_kernel<T, U>, grid_over(count), stream, count,
             data_of<T>(x), data_of<U>(y));
    });
  });
}

}  // namespace fgan::kernels
