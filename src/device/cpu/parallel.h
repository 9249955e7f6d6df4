// A team of threads and its loops.  The number of threads travels with the team, not with the process or the calling thread: OpenMP
// keeps it per thread, and a recording may be replayed from another one.  Every index of a loop is worked on by itself, so results do
// not depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace fgan {

class Team {
 public:
  // 0: all that this process may use
  explicit Team(int threads) : threads_(threads > 0 ? threads : available()) {}

  int threads() const { return threads_; }

  // For libraries that open their own parallel regions from this thread.
  void adopt() const {
#ifdef _OPENMP
    if (omp_get_max_threads() != threads_) omp_set_num_threads(threads_);
#endif
  }

  // f(i) for i in 0 .. count, equal shares in order.  elements: how much there is to do in all; little of it stays on this thread.
  template <class F>
  void each(std::int64_t count, [[maybe_unused]] std::int64_t elements, const F& f) const {
#pragma omp parallel for schedule(static) num_threads(threads_) if (count > 1 && threads_ > 1 && elements > kWorthATeam)
    for (std::int64_t i = 0; i < count; ++i) f(i);
  }

  static constexpr std::int64_t kBlock = 8192;

  // f(begin, end) over blocks of kBlock of 0 .. count
  template <class F>
  void blocks(std::int64_t count, const F& f) const {
    each((count + kBlock - 1) / kBlock, count, [&](std::int64_t i) { f(i * kBlock, std::min(count, (i + 1) * kBlock)); });
  }

 private:
  static constexpr std::int64_t kWorthATeam = 8192;  // elements of a few operations: about what waking the team costs

  static int available() {
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
  }

  int threads_;
};

}  // namespace fgan
