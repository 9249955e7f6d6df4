// Arrays in device memory whose element type is known at run time.
#pragma once

#include <cstdint>

#include "math/bf16.h"

namespace fgan::kernels {

enum class Type : std::uint8_t { f32, bf16 };

// data may be null where a declaration says so.
struct Array {
  void* data = nullptr;
  Type type = Type::f32;
};

template <class T>
T* data_of(const Array& array) {
  return static_cast<T*>(array.data);
}

inline std::int64_t bytes_of(const Array& array, std::int64_t count) {
  return array.data != nullptr ? count * (array.type == Type::bf16 ? 2 : 4) : 0;
}

// f(T{}) with T the element type.
template <class F>
void with_type(Type type, const F& f) {
  if (type == Type::bf16) f(math::Bf16{});
  else f(float{});
}

}  // namespace fgan::kernels
