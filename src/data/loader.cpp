#include "data/loader.h"

#include <algorithm>
#include <system_error>

#include "base/error.h"

namespace fgan {
namespace {

constexpr int kMostThreads = 8;

int threads_for(const Dataset& dataset) {
  return dataset.costly() ? std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads) : 1;
}

}  // namespace

std::vector<std::byte> reference_batch(const Dataset& dataset, std::uint64_t seed, std::int64_t rows) {
  const std::size_t bytes = static_cast<std::size_t>(dataset.sample_shape().example()) * size_of(dataset.dtype());
  std::vector<std::byte> batch(static_cast<std::size_t>(rows) * bytes);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t size = dataset.size(), sample = permute(seed, row / size, row % size, size, math::Purpose::reference_batch);
    dataset.read(sample, std::span(batch).subspan(static_cast<std::size_t>(row) * bytes, bytes));
  }
  return batch;
}

Loader::Loader(const Dataset& dataset, std::uint64_t seed, std::int64_t rows, std::int64_t first_batch)
    : Loader(dataset, seed, rows, first_batch, threads_for(dataset)) {}

Loader::Loader(const Dataset& dataset, std::uint64_t seed, std::int64_t rows, std::int64_t first_batch, int threads)
    : dataset_(dataset), seed_(seed), rows_(rows), first_batch_(first_batch), rows_at_once_(threads > 1 ? 1 : rows) {
  FGAN_CHECK(rows > 0 && first_batch >= 0 && dataset.size() > 0, "{} rows, batch {}, {} samples", rows, first_batch, dataset.size());
  FGAN_CHECK(threads > 0, "{} threads", threads);
  const auto bytes = static_cast<std::size_t>(rows * dataset.sample_shape().example()) * size_of(dataset.dtype());
  slots_.assign(kSlots, std::vector<std::byte>(bytes));
  threads_.reserve(static_cast<std::size_t>(threads));
  try {
    while (static_cast<int>(threads_.size()) < threads) threads_.emplace_back([this] { run(); });
  } catch (const std::system_error&) {  // no more threads are allowed: fewer do the same
    if (threads_.empty()) throw;
  }
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Loader::ready(std::chrono::milliseconds patience) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  const bool is_ready = changed_.wait_for(lock, patience, [this] { return comes_next(); });
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return is_ready;
}

std::span<const std::byte> Loader::next() {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  const std::size_t slot = slot_of(taken_);
  changed_.wait(lock, [this] { return comes_next(); });
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (filled_[slot] < rows_) std::rethrow_exception(error_);
  if (taken_ > 0) filled_[slot_of(taken_ - 1)] = 0;  // its taker is done with the batch before: the slot is free
  ++taken_;
  lock.unlock();
  changed_.notify_all();
  return slots_[slot];
}

void Loader::run() {
  while (const std::optional<Piece> piece = take_piece()) {
    std::exception_ptr error;
    try {
      fill(*piece);
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    --in_work_;
    const std::int64_t row = piece->batch * rows_ + piece->first_row;
    if (!error) filled_[slot_of(piece->batch)] += piece->rows;
    else if (row < failed_row_) {
      failed_row_ = row;
      error_ = error;
    }
    if (error_ || filled_[slot_of(piece->batch)] == rows_) changed_.notify_all();
  }
}

// Pieces are handed out in the order of the stream, so that all before a failed one have been handed out too.
std::optional<Loader::Piece> Loader::take_piece() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stop_ || error_ || handed_out_ / rows_ < std::max<std::int64_t>(taken_ - 1, 0) + kSlots; });
  if (stop_ || error_) return std::nullopt;
  const std::int64_t first = handed_out_ % rows_;
  const Piece piece{handed_out_ / rows_, first, std::min(rows_at_once_, rows_ - first)};
  handed_out_ += piece.rows;
  ++in_work_;
  return piece;
}

void Loader::fill(const Piece& piece) {
  std::vector<std::byte>& slot = slots_[slot_of(piece.batch)];
  const std::int64_t size = dataset_.size();
  const std::size_t bytes = slot.size() / static_cast<std::size_t>(rows_);
  std::vector<std::int64_t> samples;
  for (std::int64_t row = piece.first_row; row < piece.first_row + piece.rows; ++row) {
    const std::int64_t p = (first_batch_ + piece.batch) * rows_ + row;
    samples.push_back(permute(seed_, p / size, p % size, size));
  }
  dataset_.prefetch(samples);
  for (std::size_t i = 0; i < samples.size() && !stop_; ++i)
    dataset_.read(samples[i], std::span(slot).subspan((static_cast<std::size_t>(piece.first_row) + i) * bytes, bytes));
}

}  // namespace fgan
