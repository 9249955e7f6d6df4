// Return codes of NVIDIA's libraries become Error(Exit::device) on the line they come from.
#pragma once

#include <memory>
#include <type_traits>

#include "device/cuda/api.h"

// Calls a function of the tables; what it refuses is thrown in words, with its name and this place.
#define FGAN_CALL(api, function, ...) ::fgan::cuda::check((api), (api).function(__VA_ARGS__), #function)

namespace fgan::cuda {

// std::source_location, which Clang before 16 does not have.
struct SourcePlace {
  const char* file;
  int line;
  static constexpr SourcePlace current(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

void check(const Api&, cudaError_t, const char* call, SourcePlace = SourcePlace::current());
void check(const Api&, cublasStatus_t, const char* call, SourcePlace = SourcePlace::current());
void check(const Api&, cudnnStatus_t, const char* call, SourcePlace = SourcePlace::current());

// A handle with the function that destroys it, whose answer nobody can use any more.
template <class Handle, class Status = cudaError_t>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Status (*)(Handle)>;

}  // namespace fgan::cuda
