// Tensors are views: a pointer, a shape and a type; they own nothing and cost nothing.  One layout everywhere: N,H,W,C with C fastest
// (filters: out, h, w, in).  A matrix of rows x features is a tensor with h = w = 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fgan {

enum class DType : std::uint8_t { f32, bf16, u8, i64 };

constexpr std::size_t size_of(DType type) { return type == DType::f32 ? 4 : type == DType::bf16 ? 2 : type == DType::u8 ? 1 : 8; }

struct Shape {
  std::int64_t n = 1, h = 1, w = 1, c = 1;

  constexpr std::int64_t example() const { return h * w * c; }  // elements of one row
  constexpr std::int64_t count() const { return n * example(); }
  constexpr std::int64_t pixels() const { return n * h * w; }
  constexpr Shape rows(std::int64_t rows) const { return {rows, h, w, c}; }
  constexpr bool operator==(const Shape&) const = default;
};

std::string to_string(const Shape& shape);  // "64x28x28x1"

struct Tensor {
  void* data = nullptr;
  Shape shape{};
  DType dtype = DType::f32;

  std::size_t bytes() const { return static_cast<std::size_t>(shape.count()) * size_of(dtype); }
  explicit operator bool() const { return data != nullptr; }

  // Rows first .. first + count, N being the slowest axis.
  Tensor rows(std::int64_t first, std::int64_t count) const {
    const auto offset = static_cast<std::size_t>(first * shape.example()) * size_of(dtype);
    return {data ? static_cast<std::byte*>(data) + offset : nullptr, shape.rows(count), dtype};
  }
  Tensor reshaped(Shape to) const { return {data, to, dtype}; }
};

using In = const Tensor&;   // read by the callee
using Out = const Tensor&;  // the memory it points to is written

}  // namespace fgan
