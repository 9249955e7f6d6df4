// The order of samples and the threads that fetch them.  Sample number p of the endless stream is number permute(seed, epoch, p mod
// size) of the set, epoch = p / size: a function of (seed, p), so that continuing needs no state but the number of batches drawn, and
// it does not matter which thread fetches a sample.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "data/dataset.h"
#include "math/philox.h"

namespace fgan {

// A permutation of 0 .. size-1 for every (seed, epoch, purpose), evaluated at `position` without tables.  size <= 2^62.
std::int64_t permute(std::uint64_t seed, std::int64_t epoch, std::int64_t position, std::int64_t size,
                     math::Purpose purpose = math::Purpose::data_order);

// The first `rows` samples in an order of their own (purpose reference_batch), as the loader would give them.
std::vector<std::byte> reference_batch(const Dataset& dataset, std::uint64_t seed, std::int64_t rows);

class Loader {
 public:
  // Batches of `rows` samples starting with batch number `first_batch` of the stream, fetched ahead by one thread, or where samples are
  // costly by up to eight.
  Loader(const Dataset& dataset, std::uint64_t seed, std::int64_t rows, std::int64_t first_batch);
  Loader(const Dataset& dataset, std::uint64_t seed, std::int64_t rows, std::int64_t first_batch, int threads);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Whether next() would return, or throw, without waiting; waits for that as long as `patience`.
  bool ready(std::chrono::milliseconds patience);
  // The next batch: rows * example elements, valid until the next call.  Waits when the threads are behind.  The error of the first
  // sample that could not be read comes out here, after the batches before it, at every call.
  std::span<const std::byte> next();
  // Seconds spent waiting in next() so far.
  double waited() const { return waited_; }

 private:
  struct Piece {
    std::int64_t batch, first_row, rows;  // batches count from the start
  };

  bool comes_next() const { return filled_[slot_of(taken_)] == rows_ || (error_ && in_work_ == 0); }
  void run();
  std::optional<Piece> take_piece();
  void fill(const Piece& piece);
  std::size_t slot_of(std::int64_t batch) const { return static_cast<std::size_t>(batch % kSlots); }

  static constexpr int kSlots = 4;
  const Dataset& dataset_;
  const std::uint64_t seed_;
  const std::int64_t rows_, first_batch_, rows_at_once_;
  std::vector<std::vector<std::byte>> slots_;

  std::mutex mutex_;  // for the following
  std::condition_variable changed_;
  std::int64_t handed_out_ = 0;                // rows given to threads since the start
  std::int64_t taken_ = 0;                     // batches taken by next()
  std::array<std::int64_t, kSlots> filled_{};  // rows of the batch in each slot
  std::int64_t in_work_ = 0;                   // pieces
  std::int64_t failed_row_ = std::numeric_limits<std::int64_t>::max();
  std::exception_ptr error_;  // of failed_row_

  std::atomic<bool> stop_ = false;
  double waited_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace fgan
