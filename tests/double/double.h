// A double of NVIDIA's libraries behind cuda::Api: device memory is host memory (every allocation as large as was asked for, so that the
// address sanitizer sees what lies beyond), a stream runs what is enqueued at once, a graph is the closures collected while capturing, and
// cuDNN and cuBLASLt compute what their descriptors say with plain loops.  What a GPU would punish with undefined behaviour throws Misuse.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/cuda/api.h"

namespace fgan::cuda_double {

struct Misuse : std::logic_error {
  using std::logic_error::logic_error;
};

struct Machine {
  std::size_t memory = std::size_t{4} << 30;
  int driver = 13000, runtime = 13000, devices = 1, compute = 90;
  bool slow_events = false;        // an event has not happened until somebody waits for it
  bool fused_convolutions = true;  // cuDNN has engines for a convolution with what follows it
  double fused_milliseconds = 0;   // that they take longer
};

struct State;

// One at a time: NVIDIA's functions know no context.  Must outlive the device made with it.
class Double {
 public:
  explicit Double(const Machine& machine = {});
  ~Double();
  Double(const Double&) = delete;

  const cuda::Api& api() const { return api_; }
  Machine& machine();
  int gpu() const;  // that was set; -1: none

  long calls() const;  // of all functions
  long calls(const std::string& function) const;
  long launches() const;       // of kernels and libraries, eager or in a replay
  long library_bytes() const;  // that these calls of libraries read and wrote, each tensor once; since forget_calls
  void forget_calls();
  // The n-th call from now on, from 1, fails: with `error` where it is one of the CUDA runtime, else with the library's internal error.
  void fail_call(long n, cudaError_t error = cudaErrorUnknown);
  std::string failed() const;               // the function that did; empty: none
  std::vector<std::size_t> graphs() const;  // nodes of every graph instantiated since forget_calls
  std::string leaks() const;                // what is still allocated or not destroyed, in words

 private:
  std::unique_ptr<State> state_;
  cuda::Api api_;
};

}  // namespace fgan::cuda_double
