// The threads of a block as fibres of one thread of the system.  Which of those that can go on does so is drawn every time, from one warp
// for a while: a warp that is far ahead of the others shows races that a fair order hides.
#include <boost/context/detail/fcontext.hpp>

#include <exception>

#include "shim/asan.h"
#include "shim/block.h"

namespace fgan::shim {
namespace {

namespace context = boost::context::detail;

constexpr std::size_t kStack = 128 << 10;

// A stack and where it goes on.  The address sanitizer is told which stack is in use.
struct Side {
  context::fcontext_t next = nullptr;
  const void* bottom = nullptr;
  std::size_t size = 0;
  void* fake_stack = nullptr;

  // Leaves this stack for the other; returns when somebody comes back.
  void* leave_for(Side& other, void* word) {
#if defined(FGAN_ASAN)
    __sanitizer_start_switch_fiber(&fake_stack, other.bottom, other.size);
#endif
    const context::transfer_t back = context::jump_fcontext(other.next, word);
    other.next = back.fctx;
#if defined(FGAN_ASAN)
    __sanitizer_finish_switch_fiber(fake_stack, &other.bottom, &other.size);
#endif
    return back.data;
  }
};

class FibreBlock;

// Runs one thread after another, each from begin to end.
class Fibre {
 public:
  explicit Fibre(FibreBlock& block) : block_(block), stack_(new unsigned char[kStack]) {
    inside_.next = context::make_fcontext(stack_.get() + kStack, kStack, &Fibre::enter);
    inside_.bottom = stack_.get();
    inside_.size = kStack;
  }
  // Until the thread waits or is finished.
  void resume() { outside_.leave_for(inside_, this); }
  void suspend() { inside_.leave_for(outside_, nullptr); }

  Thread* thread = nullptr;

 private:
  static void enter(context::transfer_t from);
  [[noreturn]] void loop();

  FibreBlock& block_;
  std::unique_ptr<unsigned char[]> stack_;
  Side inside_, outside_;
};

class FibreBlock : public Block {
 public:
  using Block::Block;

  void run(const std::vector<Index>& order, Random& random) override {
    for (const Index block : order) {
      prepare(block);
      run_block(random);
      inspect();
    }
  }

  void wait(Thread& t, State state, Site site) override {
    t.enter(state, site);
    release(t);
    fibre_of_[t.number]->suspend();
    if (failure_) throw Stopped{};
  }

  // The body of a thread, on its fibre.
  void run_thread(Thread& t) noexcept {
    try {
      launch_.thread();
    } catch (const Stopped&) {
    } catch (...) {
      failure_ = std::current_exception();
    }
    t.enter(State::finished);
    idle_.push_back(fibre_of_[t.number]);
    fibre_of_[t.number] = nullptr;
  }

 private:
  void run_block(Random& random) {
    fibre_of_.assign(count(), nullptr);
    waiting_for_block_ = turns_ = warp_ = 0;
    waiting_in_warp_.assign(count() / kWarp + 1, 0);
    ready_.assign(count() / kWarp + 1, {});
    ready_count_ = 0;
    for (Thread& t : threads_) make_ready(t);
    while (ready_count_ > 0 && !failure_) resume(next(random));
    if (!failure_ && !all_finished()) failure_ = std::make_exception_ptr(stuck());
    if (failure_) stop();
  }

  void make_ready(Thread& t) {
    ready_[warp_of(t)].push_back(&t);
    ++ready_count_;
  }

  Thread& next(Random& random) {
    constexpr unsigned kLong = 512;  // turns; enough for all shuffles of a warp up to a barrier
    if (turns_ == 0 || ready_[warp_].empty()) {
      const auto warps = static_cast<unsigned>(ready_.size());
      turns_ = random.below(2) ? 1 : kLong;
      warp_ = random.below(warps);
      while (ready_[warp_].empty()) warp_ = (warp_ + 1) % warps;
    }
    --turns_;
    --ready_count_;
    std::vector<Thread*>& ready = ready_[warp_];
    std::swap(ready[random.below(static_cast<unsigned>(ready.size()))], ready.back());
    Thread& t = *ready.back();
    ready.pop_back();
    return t;
  }

  void resume(Thread& t) {
    Fibre*& fibre = fibre_of_[t.number];
    if (!fibre) fibre = idle_fibre();
    fibre->thread = &t;
    become(t);
    fibre->resume();
  }

  Fibre* idle_fibre() {
    if (idle_.empty()) {
      fibres_.push_back(std::make_unique<Fibre>(*this));
      return fibres_.back().get();
    }
    Fibre* fibre = idle_.back();
    idle_.pop_back();
    return fibre;
  }

  // If t was the last one, those who waited for it can go on.
  void release(Thread& t) {
    const bool in_warp = t.is(State::at_shuffle);
    unsigned& waiting = in_warp ? waiting_in_warp_[warp_of(t)] : waiting_for_block_;
    if (++waiting < (in_warp ? kWarp : count())) return;
    waiting = 0;
    const unsigned first = in_warp ? t.number / kWarp * kWarp : 0;
    const unsigned last = in_warp ? first + kWarp : count();
    for (unsigned i = first; i < last; ++i) {
      if (threads_[i].line != t.line || threads_[i].file != t.file) throw stuck();
    }
    for (unsigned i = first; i < last; ++i) {
      threads_[i].enter(State::running);
      make_ready(threads_[i]);
    }
  }

  bool all_finished() const {
    for (const Thread& t : threads_)
      if (!t.is(State::finished)) return false;
    return true;
  }

  // Unwinds what still waits, then throws.
  [[noreturn]] void stop() {
    const std::exception_ptr failure = failure_;
    for (Thread& t : threads_)
      if (fibre_of_[t.number]) resume(t);
    std::rethrow_exception(failure);
  }

  std::vector<std::unique_ptr<Fibre>> fibres_;
  std::vector<Fibre*> idle_, fibre_of_;      // fibre_of_: null for a thread that has not begun or is finished
  std::vector<std::vector<Thread*>> ready_;  // of each warp
  unsigned ready_count_ = 0, turns_ = 0, warp_ = 0;
  std::vector<unsigned> waiting_in_warp_;
  unsigned waiting_for_block_ = 0;
  std::exception_ptr failure_;
};

void Fibre::enter(context::transfer_t from) {
  Fibre& fibre = *static_cast<Fibre*>(from.data);
  fibre.outside_.next = from.fctx;
#if defined(FGAN_ASAN)
  __sanitizer_finish_switch_fiber(nullptr, &fibre.outside_.bottom, &fibre.outside_.size);
#endif
  fibre.loop();
}

void Fibre::loop() {
  for (;;) {
    block_.run_thread(*thread);
    suspend();
  }
}

}  // namespace

std::unique_ptr<Block> fibre_block(const Launch& launch) { return std::make_unique<FibreBlock>(launch); }

}  // namespace fgan::shim
