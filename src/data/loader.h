// The order of samples and the thread that fetches them.  Sample number p of the endless stream is number permute(seed, epoch, p mod
// size) of the set, epoch = p / size: a function of (seed, p), so that continuing needs no state but the number of batches drawn.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "data/dataset.h"

namespace fgan {

// A permutation of 0 .. size-1 for every (seed, epoch), evaluated at `position` without tables.  size <= 2^62.
std::int64_t permute(std::uint64_t seed, std::int64_t epoch, std::int64_t position, std::int64_t size);

class Loader {
 public:
  // Batches of `rows` samples starting with batch number `first_batch` of the stream, fetched ahead by one thread.
  Loader(const Dataset& dataset, std::uint64_t seed, std::int64_t rows, std::int64_t first_batch);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // The next batch: rows * example elements, valid until the next call.  Waits when the thread is behind; rethrows its errors.
  std::span<const std::byte> next();
  // Seconds spent waiting in next() so far.
  double waited() const { return waited_; }

 private:
  void run();
  void fill(std::int64_t batch, std::span<std::byte> slot) const;

  static constexpr int kSlots = 4;
  const Dataset& dataset_;
  std::uint64_t seed_;
  std::int64_t rows_, next_batch_;
  std::vector<std::vector<std::byte>> slots_;
  std::int64_t filled_ = 0, taken_ = 0;  // batches since the start
  std::atomic<bool> stop_ = false;
  std::exception_ptr error_;
  double waited_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace fgan
