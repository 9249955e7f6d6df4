// The threads of a block as threads of the system, which meet at barriers of exactly those who meet on a GPU, so that the thread
// sanitizer sees the order a GPU guarantees and no other.
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "shim/block.h"

namespace fgan::shim {
namespace {

class Barrier {
 public:
  explicit Barrier(unsigned members) : members_(members) {}

  unsigned members() const { return members_; }
  int round() const { return round_.load(std::memory_order_acquire); }
  // True for the last one, who must call open().
  bool arrive() { return arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == members_; }
  void await_end_of(int round) const { round_.wait(round, std::memory_order_acquire); }
  void open() {
    arrived_.store(0, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }

 private:
  const unsigned members_;
  std::atomic<unsigned> arrived_{0};
  std::atomic<int> round_{0};
};

class ThreadBlock : public Block {
 public:
  explicit ThreadBlock(const Launch& launch) : Block(launch), between_blocks_(count()), block_barrier_(count()) {
    for (unsigned i = 0; i <= count() / kWarp; ++i) warp_barriers_.emplace_back(kWarp);
  }

  void run(const std::vector<Index>& order, Random&) override {
    std::vector<std::thread> crew;
    for (Thread& t : threads_) crew.emplace_back([&] { run_thread(t, order); });
    for (std::thread& member : crew) member.join();
    if (failure_) std::rethrow_exception(failure_);
  }

  void wait(Thread& t, State state, Site site) override {
    Barrier& barrier = state == State::at_shuffle ? warp_barriers_[warp_of(t)] : block_barrier_;
    const int round = barrier.round();
    if (failed_) throw Stopped{};
    t.enter(state, site);
    if (barrier.arrive()) {
      census_.fetch_add(barrier.members() - 1, std::memory_order_relaxed);
      barrier.open();
    } else {
      if (running(census_.fetch_sub(1, std::memory_order_relaxed) - 1) == 0) fail(std::make_exception_ptr(stuck()));
      barrier.await_end_of(round);
    }
    if (failed_) throw Stopped{};
    t.enter(State::running);
  }

 private:
  void run_thread(Thread& t, const std::vector<Index>& order) {
    for (std::size_t i = 0;; ++i) {
      const int round = between_blocks_.round();
      if (between_blocks_.arrive()) {
        if (i > 0) after_block();
        done_ = failed_ || i == order.size();
        if (!done_) before_block(order[i]);
        between_blocks_.open();
      } else {
        between_blocks_.await_end_of(round);
      }
      if (done_) return;
      become(t);
      run_body(t);
    }
  }

  void run_body(Thread& t) {
    try {
      launch_.thread();
    } catch (const Stopped&) {
    } catch (...) {
      fail(std::current_exception());
    }
    t.enter(State::finished);
    const std::uint64_t census = census_.fetch_add(kFinished - 1, std::memory_order_relaxed) + kFinished - 1;
    if (running(census) == 0 && census / kFinished < count()) fail(std::make_exception_ptr(stuck()));
  }

  void before_block(Index block) {
    prepare(block);
    census_ = count();
  }
  void after_block() {
    try {
      inspect();
    } catch (...) {
      fail(std::current_exception());
    }
  }

  // Keeps the first failure and lets all that wait go on into Stopped.
  void fail(const std::exception_ptr& failure) {
    const std::lock_guard lock(failing_);
    if (failed_) return;
    failure_ = failure;
    failed_ = true;
    block_barrier_.open();
    for (Barrier& barrier : warp_barriers_) barrier.open();
  }

  // How many threads run, and kFinished times how many are finished.  A relaxed number, for the sake of the thread sanitizer; whoever
  // opens a barrier counts those in it as running before he stops, so that running is 0 only if nobody ever goes on.
  static constexpr std::uint64_t kFinished = std::uint64_t{1} << 32;
  static std::uint64_t running(std::uint64_t census) { return census % kFinished; }
  std::atomic<std::uint64_t> census_{0};

  Barrier between_blocks_, block_barrier_;
  std::deque<Barrier> warp_barriers_;
  std::mutex failing_;
  std::atomic<bool> failed_{false};
  bool done_ = false;  // written between blocks, when nobody else runs
  std::exception_ptr failure_;
};

}  // namespace

std::unique_ptr<Block> thread_block(const Launch& launch) { return std::make_unique<ThreadBlock>(launch); }

}  // namespace fgan::shim
