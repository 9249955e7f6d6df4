#include "data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace fgan {
namespace {

constexpr std::int64_t kMostThreads = 16;

class IndexLoop {
 public:
  IndexLoop(std::int64_t count, const std::function<void(std::int64_t)>& work) : count_(count), failed_(count), work_(work) {}

  void run() {
    for (std::int64_t index; (index = next_++) < count_;) {
      try {
        work_(index);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (index < failed_) error_ = std::current_exception();
        failed_ = std::min(failed_, index);
        next_ = count_;  // lower indices have been handed out already
      }
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const std::int64_t count_;
  std::atomic<std::int64_t> next_ = 0;
  std::int64_t failed_;
  std::exception_ptr error_;
  std::mutex mutex_;
  const std::function<void(std::int64_t)>& work_;
};

}  // namespace

void for_each_index(std::int64_t count, const std::function<void(std::int64_t)>& work) {
  IndexLoop loop(count, work);
  {
    std::vector<std::jthread> helpers;
    const std::int64_t threads = std::min({count, kMostThreads, static_cast<std::int64_t>(std::thread::hardware_concurrency())});
    try {
      while (static_cast<std::int64_t>(helpers.size()) + 1 < threads) helpers.emplace_back([&loop] { loop.run(); });
    } catch (const std::system_error&) {  // no more threads are allowed: the ones there are do it
    }
    loop.run();
  }
  loop.rethrow();
}

}  // namespace fgan
