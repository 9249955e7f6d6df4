// What callers of kernels/ need to know of CUDA: a stream.  Everything declared in kernels/ enqueues on it and returns.
#pragma once

#include <cstddef>

struct CUstream_st;

namespace fgan::kernels {

using Stream = CUstream_st*;

// Memory that a call may use until its work is done.  Where a header gives a number of bytes for it, that many must be there.
struct Scratch {
  void* data;
  std::size_t bytes;
};

// Called by launch() when CUDA refuses a kernel.  Whoever links kernels/ defines it; it must not return.
[[noreturn]] void launch_failed(const char* kernel, const char* reason);

}  // namespace fgan::kernels
