// Neighbouring elements that a thread reads or writes at once.
#pragma once

#include "kernels/launch.h"

namespace fgan::kernels {

// Up to 16 bytes an access.
template <class T, int V>
struct alignas(sizeof(T) * V < 16 ? sizeof(T) * V : 16) Pack {
  T at[V];
};

template <class T, int V>
__device__ Pack<T, V> load(const T* from) {
  return *reinterpret_cast<const Pack<T, V>*>(from);
}
template <class T, int V>
__device__ void store(T* to, const Pack<T, V>& pack) {
  *reinterpret_cast<Pack<T, V>*>(to) = pack;
}

// Bytes that a thread reads or writes at once which has four elements of a row of this width.
template <class T>
constexpr int quad_access(std::int64_t width) {
  return static_cast<int>(sizeof(T)) * (width % 4 == 0 ? 4 : 1);
}

}  // namespace fgan::kernels
