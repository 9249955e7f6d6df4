// Execution plans of a graph: what the heuristics offer, what of it may be used, and the run of a plan.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "device/cuda/cudnn_graph.h"

namespace fgan::cuda {

// The device that plans are for: the one of a handle, or one described by a record of its properties (which then cannot run them).
struct Target {
  cudnnHandle_t handle = nullptr;
  const Descriptor* properties = nullptr;
};

struct PlanOptions {
  bool tf32 = false;           // f32 may be multiplied as tf32
  bool deterministic = false;  // only engines that repeat to the bit, by a fixed rule instead of a race
  std::size_t workspace_limit = std::size_t{512} << 20;
};

// One engine configuration.
struct Candidate {
  Descriptor configuration;
  std::int64_t engine = 0;
  std::string text;  // engine and knobs, "62 2=0 13=0": with it configure() makes the same again
  std::vector<cudnnBackendNumericalNote_t> numerics;
  std::vector<cudnnBackendBehaviorNote_t> behaviour;

  bool has(cudnnBackendNumericalNote_t) const;
  bool has(cudnnBackendBehaviorNote_t) const;
};

// Whether an engine with these notes computes what the job and the options ask for.
//   TENSOR_CORE on f32 means that operands are rounded to tf32, since tensor cores do not multiply f32.  DOWN_CONVERT_INPUTS may round to
//   half precision and REDUCED_PRECISION_REDUCTION sums in less than f32: both are never used.
bool permitted(const Candidate&, const ConvJob&, const PlanOptions&);

// What the heuristics offer for a graph (mode A, then fallback), best first, each configuration once.
std::vector<Candidate> candidates(const Api&, const Target&, const Descriptor& graph);
// The configuration that Candidate::text says; throws Error(device) when it is not one of this graph's and device's.
Candidate configure(const Api&, const Target&, const Descriptor& graph, const std::string& text);

// Memory of a pass, in forward's names; what the pass writes is not const to it.  Null bias: none in the job.
struct ConvMemory {
  void *x, *filter, *y, *bias;
};

class Plan {
 public:
  // Finalises: compiles where the engine wants that.  Throws Error(device) with cuDNN's reason when it cannot.
  Plan(const Api&, const Target&, Candidate);

  std::size_t workspace_bytes() const { return workspace_bytes_; }
  const Candidate& candidate() const { return candidate_; }
  // Enqueues on the handle's stream.  Pointers at multiples of 16 bytes, or of what one example of a tensor takes where that is odder;
  // workspace: workspace_bytes(), at a multiple of 256, used until the work is done.
  void run(cudnnHandle_t, const ConvMemory&, void* workspace) const;

 private:
  Candidate candidate_;
  Descriptor plan_;
  std::size_t workspace_bytes_ = 0;
};

}  // namespace fgan::cuda
