#include "bench/peaks.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "device/ops.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fgan {
namespace {

constexpr int kRepeats = 10;
constexpr double kLongEnough = 0.02;                      // seconds of a product whose speed counts
constexpr std::int64_t kLargestProduct = 8192;            // rows, columns
constexpr std::int64_t kCopied = std::int64_t{32} << 20;  // elements
constexpr std::int64_t kRounds = 1'000'000;               // of multiply-adds: some 3 ms
constexpr int kChains = 12;                               // enough to hide the latency of a multiply-add, few enough for 16 registers

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double best_product(Device& device) {
  double best = 0;
  for (std::int64_t n = 256; n <= kLargestProduct; n *= 2) {
    const DType type = device.activations();
    const auto buffer = device.allocate(static_cast<std::size_t>(3 * n * n) * size_of(type));
    const Tensor all{buffer->data(), {3 * n, 1, 1, n}, type};
    device.ops().prepare_linear(n, n, n);
    double fastest = 1e30;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      device.queue().wait();
      fastest = std::min(fastest, seconds_of([&] {
                           device.ops().linear(device.queue(), all.rows(0, n), all.rows(n, n), {}, all.rows(2 * n, n));
                           device.queue().wait();
                         }));
    }
    best = std::max(best, 2e-9 * static_cast<double>(n * n * n) / fastest);
    if (fastest > kLongEnough) break;
  }
  return best;
}

double copy_rate(Device& device) {
  const auto from = device.allocate(kCopied * sizeof(float)), to = device.allocate(kCopied * sizeof(float));
  const Tensor x{from->data(), {1, 1, 1, kCopied}, DType::f32}, y{to->data(), x.shape, DType::f32};
  double fastest = 1e30;
  for (int repeat = 0; repeat <= kRepeats; ++repeat) {
    device.queue().wait();
    const double seconds = seconds_of([&] {
      device.ops().copy(device.queue(), x, y);
      device.queue().wait();
    });
    if (repeat > 0) fastest = std::min(fastest, seconds);  // the first finds pages that were never touched
  }
  return 2e-9 * static_cast<double>(x.bytes()) / fastest;
}

#if defined(__x86_64__)
// Chains of multiply-adds that do not wait for each other; the sum keeps the compiler from leaving them out.
__attribute__((target("avx512f"))) float multiply_add_avx512() {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 factor = _mm512_set1_ps(0.5f), term = _mm512_set1_ps(1.0f);
  for (std::int64_t round = 0; round < kRounds; ++round)
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, factor, term);
  float total = 0;
  for (const __m512& sum : sums) total += _mm512_cvtss_f32(sum);
  return total;
}

__attribute__((target("avx2,fma"))) float multiply_add_avx2() {
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 factor = _mm256_set1_ps(0.5f), term = _mm256_set1_ps(1.0f);
  for (std::int64_t round = 0; round < kRounds; ++round)
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, factor, term);
  float total = 0;
  for (const __m256& sum : sums) total += _mm256_cvtss_f32(sum);
  return total;
}

// Threads at once, each at its best: other work on the machine slows them at different times.
double fma_rate(const Device& device) {
  const bool wide = device.isa().starts_with("avx512");
  if (!wide && !device.isa().starts_with("avx2")) return 0;
  const int lanes = wide ? 16 : 8;
  std::vector<double> rates(static_cast<std::size_t>(device.threads()));
  std::vector<std::thread> threads;
  for (double& rate : rates)
    threads.emplace_back([&rate, wide, lanes] {
      for (int repeat = 0; repeat < kRepeats; ++repeat) {
        volatile float sum = 0;
        const double seconds = seconds_of([&] { sum = wide ? multiply_add_avx512() : multiply_add_avx2(); });
        rate = std::max(rate, 2e-9 * static_cast<double>(kRounds) * kChains * lanes / seconds);
      }
    });
  for (std::thread& thread : threads) thread.join();
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}
#else
double fma_rate(const Device&) { return 0; }
#endif

}  // namespace

double Peaks::bound(double flops, double bytes) const { return 1e-9 * std::max(flops / gflops(), bytes / copy_gbytes); }

Peaks measure_peaks(Device& device) { return {best_product(device), fma_rate(device), copy_rate(device)}; }

}  // namespace fgan
