#include "data/loader.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"

namespace fgan {

Loader::Loader(const Dataset& dataset, std::uint64_t seed, std::int64_t rows, std::int64_t first_batch)
    : dataset_(dataset), seed_(seed), rows_(rows), next_batch_(first_batch) {
  FGAN_CHECK(rows > 0 && first_batch >= 0 && dataset.size() > 0, "{} rows, batch {}, {} samples", rows, first_batch, dataset.size());
  const auto bytes = static_cast<std::size_t>(rows * dataset.sample_shape().example()) * size_of(dataset.dtype());
  slots_.assign(kSlots, std::vector<std::byte>(bytes));
  thread_ = std::thread([this] { run(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::span<const std::byte> Loader::next() {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return filled_ > taken_ || error_; });
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (filled_ == taken_) std::rethrow_exception(error_);  // after the batches that were read before it
  const auto& slot = slots_[static_cast<std::size_t>(taken_ % kSlots)];
  ++taken_;
  lock.unlock();
  changed_.notify_all();
  return slot;
}

void Loader::run() try {
  for (;;) {
    std::size_t slot;
    std::int64_t batch;
    {
      std::unique_lock lock(mutex_);
      // The batch taken last is still being read by its taker: its slot is not free yet.
      changed_.wait(lock, [this] { return stop_ || filled_ < std::max<std::int64_t>(taken_ - 1, 0) + kSlots; });
      slot = static_cast<std::size_t>(filled_ % kSlots);
      batch = next_batch_++;
    }
    if (stop_) return;
    fill(batch, slots_[slot]);
    {
      const std::lock_guard lock(mutex_);
      ++filled_;
    }
    changed_.notify_all();
  }
} catch (...) {
  const std::lock_guard lock(mutex_);
  error_ = std::current_exception();
  changed_.notify_all();
}

void Loader::fill(std::int64_t batch, std::span<std::byte> slot) const {
  const std::int64_t size = dataset_.size();
  const std::size_t bytes = slot.size() / static_cast<std::size_t>(rows_);
  for (std::int64_t row = 0; row < rows_ && !stop_; ++row) {
    const std::int64_t p = batch * rows_ + row;
    dataset_.read(permute(seed_, p / size, p % size, size), slot.subspan(static_cast<std::size_t>(row) * bytes, bytes));
  }
}

}  // namespace fgan
