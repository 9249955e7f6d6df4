// What callers of kernels/ need to know of CUDA: a stream.  Everything declared in kernels/ enqueues on it and returns.
#pragma once

#include <cstddef>
#include <cstdint>

struct CUstream_st;

namespace fgan::kernels {

// One launch: bytes of device memory that it reads and writes, each array once, however often a cache is asked for it; and how many of
// them a thread moves at once where the arrays allow it, 16 at best.
struct Work {
  const char* name;  // also for the message when CUDA refuses the kernel
  std::int64_t read = 0, written = 0;
  int access = 0;
};

class Witness {
 public:
  virtual void launched(const Work&) = 0;

 protected:
  ~Witness() = default;
};

// A stream of CUDA, and who is told of all that is launched on it (null: nobody).
struct Stream {
  Stream(CUstream_st* in_order, Witness* told = nullptr) : cuda(in_order), witness(told) {}
  CUstream_st* cuda;
  Witness* witness;
};

// Memory that a call may use until its work is done.  Where a header gives a number of bytes for it, that many must be there.
struct Scratch {
  void* data;
  std::size_t bytes;
};

// Called by launch() when CUDA refuses a kernel.  Whoever links kernels/ defines it; it must not return.
[[noreturn]] void launch_failed(const char* kernel, const char* reason);

}  // namespace fgan::kernels
