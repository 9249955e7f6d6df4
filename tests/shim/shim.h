// Runs kernels without a GPU: what tests see of it.  The words of CUDA that kernels use are in cuda_shim.h.
//   fibres:  the threads of a block take turns on one processor in an order shuffled by the seed, up to a barrier or a shuffle each: a
//            missing barrier shows as a wrong result.  The same seed gives the same order.
//   threads: a thread of the system for each thread of a block, so that the thread sanitizer sees races in shared memory.
// Both run one block after another, in shuffled order, because a __shared__ array is a static one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

struct CUstream_st;

namespace fgan::shim {

enum class Engine { fibres, threads };

struct Execution {
  Engine engine = Engine::fibres;
  std::uint64_t seed = 0;
};
// At first what the environment says: FGAN_SHIM=fibres or threads, FGAN_SHIM_SEED=number.
Execution execution();
void set_execution(Execution);

// A kernel did what CUDA does not allow or define; the message names kernel, block and thread.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Shape {
  unsigned blocks_x, blocks_y, threads_x, threads_y;
  std::size_t shared;
};

struct Launch {
  std::string kernel;
  Shape shape;
  std::function<void()> thread;  // what every thread of every block does
};
// To its end.  Throws Violation.
void run(const Launch&);

// What happens to a launch whose shape a GPU would take; run() without one.  Returns the sink it replaces.
using Sink = std::function<void(CUstream_st*, Launch)>;
Sink set_sink(Sink);

// For kernels/launch.h.  Throws Violation for a shape that a GPU would refuse.
void launch(const char* kernel, const Shape&, CUstream_st*, std::function<void()> thread);
void* dynamic_shared();

}  // namespace fgan::shim

namespace fgan::kernels {
namespace shim = fgan::shim;
}
