// A vector of the widest registers this file is compiled for, and loops that the compiler must unroll.
// Compiled more than once, for different processors: so nothing here may be visible to the linker.
#pragma once

#include <immintrin.h>

#include <utility>

#include "device/cpu/winograd/transforms.h"

namespace fgan::winograd {
namespace {

struct Vec {
#ifdef __AVX512F__
  static constexpr int kLanes = 16, kRegisters = 32;
  __m512 v;
  static FGAN_INLINE Vec zero() { return {_mm512_setzero_ps()}; }
  static FGAN_INLINE Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static FGAN_INLINE Vec broadcast(const float* p) { return {_mm512_set1_ps(*p)}; }
  FGAN_INLINE void store(float* p) const { _mm512_storeu_ps(p, v); }
  friend FGAN_INLINE Vec fma(Vec x, Vec y, Vec z) { return {_mm512_fmadd_ps(x.v, y.v, z.v)}; }
  friend FGAN_INLINE Vec fma(float x, Vec y, Vec z) { return {_mm512_fmadd_ps(_mm512_set1_ps(x), y.v, z.v)}; }
#else
  static constexpr int kLanes = 8, kRegisters = 16;
  __m256 v;
  static FGAN_INLINE Vec zero() { return {_mm256_setzero_ps()}; }
  static FGAN_INLINE Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static FGAN_INLINE Vec broadcast(const float* p) { return {_mm256_broadcast_ss(p)}; }
  FGAN_INLINE void store(float* p) const { _mm256_storeu_ps(p, v); }
  friend FGAN_INLINE Vec fma(Vec x, Vec y, Vec z) { return {_mm256_fmadd_ps(x.v, y.v, z.v)}; }
  friend FGAN_INLINE Vec fma(float x, Vec y, Vec z) { return {_mm256_fmadd_ps(_mm256_set1_ps(x), y.v, z.v)}; }
#endif
  friend FGAN_INLINE Vec operator+(Vec x, Vec y) { return {x.v + y.v}; }
  friend FGAN_INLINE Vec operator-(Vec x, Vec y) { return {x.v - y.v}; }
  friend FGAN_INLINE Vec operator*(float x, Vec y) { return {x * y.v}; }

  // Into a register once: GCC would rather load again at each use.
  FGAN_INLINE void pin() { asm("" : "+v"(v)); }
};

// The lanes of one block of 16 channels that exist: all of them, or the first `count`.
struct WholeBlock {
  FGAN_INLINE Vec load(const float* p, int at) const { return Vec::load(p + at); }
  FGAN_INLINE void store(Vec x, float* p, int at) const { x.store(p + at); }
};

struct PartBlock {
  int count;
#ifdef __AVX512F__
  FGAN_INLINE __mmask16 mask(int at) const { return static_cast<__mmask16>((1u << (count - at)) - 1u); }
  FGAN_INLINE Vec load(const float* p, int at) const { return {_mm512_maskz_loadu_ps(mask(at), p + at)}; }
  FGAN_INLINE void store(Vec x, float* p, int at) const { _mm512_mask_storeu_ps(p + at, mask(at), x.v); }
#else
  FGAN_INLINE __m256i mask(int at) const {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count - at), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  FGAN_INLINE Vec load(const float* p, int at) const { return {_mm256_maskload_ps(p + at, mask(at))}; }
  FGAN_INLINE void store(Vec x, float* p, int at) const { _mm256_maskstore_ps(p + at, mask(at), x.v); }
#endif
};

template <int kValue>
struct Index {
  static constexpr int value = kValue;
};

template <class F, int... kIndices>
FGAN_INLINE void unrolled(const F& f, std::integer_sequence<int, kIndices...>) {
  (f(Index<kIndices>{}), ...);
}

// f(Index<0>), f(Index<1>), ...: arrays that are indexed so stay in registers.
template <int kCount, class F>
FGAN_INLINE void unrolled(const F& f) {
  unrolled(f, std::make_integer_sequence<int, kCount>{});
}

}  // namespace
}  // namespace fgan::winograd
