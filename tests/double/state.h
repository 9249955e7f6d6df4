// What the parts of the double share.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "double/double.h"
#include "shim/shim.h"

namespace fgan::cuda_double {

using Work = std::function<void()>;

struct Stream {
  bool capturing = false;
  bool broken = false;  // something was done that a capture does not allow
  std::vector<Work> collected;
};

struct Graph {
  std::vector<Work> nodes;
};

struct State {
  Machine machine;
  std::map<std::string, long> calls;
  int device = -1;  // the one in use
  long total = 0, fail_at = 0, launches = 0, library_bytes = 0;
  cudaError_t error = cudaErrorUnknown, last = cudaSuccess;
  std::string failed;
  std::map<std::byte*, std::size_t> memory, pinned;
  std::size_t used = 0;
  std::map<const void*, std::string> live;  // objects by what they are
  std::vector<std::size_t> graphs;
  double clock = 0;  // milliseconds of plans run so far
  shim::Sink sink_before;
};

State& state();

bool capturing();                                                                 // any stream
void enqueue(cudaStream_t stream, Work work);                                     // runs it, or collects it while the stream is captured
void check_device_memory(const void* data, std::size_t bytes, const char* what);  // throws Misuse

template <class T>
T* make(const char* kind) {
  auto* object = new T;
  state().live[object] = kind;
  return object;
}
template <class T>
T& existing(const void* handle, const char* kind) {
  const auto found = state().live.find(handle);
  if (found == state().live.end() || found->second != kind) throw Misuse(std::string("this is no ") + kind);
  return *static_cast<T*>(const_cast<void*>(handle));
}
template <class T>
void destroy(const void* handle, const char* kind) {
  T* object = &existing<T>(handle, kind);
  state().live.erase(handle);
  delete object;
}

// One call of a function: counted, and refused if it is the one that is to fail.  What destroys does so all the same.
template <class Status, class F>
Status call(const char* name, Status refusal, const F& f) {
  State& s = state();
  ++s.calls[name];
  if (++s.total != s.fail_at) return f();
  s.failed = name;
  if (s.failed.find("Destroy") != std::string::npos || s.failed.find("Free") != std::string::npos) f();
  return refusal;
}

// Numbers of a tensor in device memory.
double load(const void* data, bool bf16, std::int64_t at);
void store(void* data, bool bf16, std::int64_t at, double value);

void fill_runtime(cuda::Api&);
void fill_cublaslt(cuda::Api&);
void fill_cudnn(cuda::Api&);

}  // namespace fgan::cuda_double
