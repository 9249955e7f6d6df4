// What the two engines share: the threads of a block, their shared memory, and what is said when one of them never comes.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "shim/cuda_shim.h"

namespace fgan::shim {

constexpr unsigned kWarp = 32;

enum class State { running, at_barrier, at_shuffle, finished };

// Relaxed atomics, because the thread sanitizer must not take them for an order between threads.
struct Thread {
  Index index;
  unsigned number = 0;
  unsigned exchanges = 0;
  std::atomic<State> state{State::running};
  std::atomic<const char*> file{nullptr};
  std::atomic<int> line{0};

  void enter(State s) { state.store(s, std::memory_order_relaxed); }
  void enter(State s, Site site);
  bool is(State s) const { return state.load(std::memory_order_relaxed) == s; }
};

// splitmix64
struct Random {
  std::uint64_t state;

  std::uint64_t next();
  unsigned below(unsigned bound) { return static_cast<unsigned>(next() % bound); }
};

struct StaticArray {
  void* data;
  std::size_t bytes;
};
std::vector<StaticArray> static_shared();

// Thrown in the threads that wait while another one fails.
struct Stopped {};

class Block {
 public:
  explicit Block(const Launch&);
  virtual ~Block();
  Block(const Block&) = delete;

  // Runs the blocks in this order.
  virtual void run(const std::vector<Index>& order, Random&) = 0;
  // Returns when all threads of the block (State::at_barrier) or of the warp (at_shuffle) are there.
  virtual void wait(Thread&, State, Site) = 0;

  const std::uint64_t* exchange(Thread&, std::uint64_t bits, unsigned mask, Site);
  void* shared() { return shared_.data() + kGuard; }
  Violation violation(const Thread&, const std::string& what) const;

  static thread_local Block* current;
  static thread_local Thread* thread;

 protected:
  void prepare(Index block);  // threads at their beginning, shared memory full of NaN
  void become(Thread&);       // what the calling thread does from now on is done by this one
  void inspect() const;       // throws if the block wrote outside of its shared memory
  Violation stuck() const;    // nobody runs and somebody waits

  unsigned count() const { return static_cast<unsigned>(threads_.size()); }
  static unsigned warp_of(const Thread& t) { return t.number / kWarp; }

  const Launch& launch_;
  std::vector<Thread> threads_;

 private:
  static constexpr std::size_t kGuard = 64;

  std::string name() const;
  std::size_t shared_end() const { return kGuard + launch_.shape.shared; }

  Index block_;
  // Two rows a warp, used in turn: when a lane writes one again, all lanes have read it.
  std::vector<std::uint64_t> exchanged_;
  std::vector<unsigned char> shared_;  // between two guards
};

std::unique_ptr<Block> fibre_block(const Launch&);
std::unique_ptr<Block> thread_block(const Launch&);

}  // namespace fgan::shim
