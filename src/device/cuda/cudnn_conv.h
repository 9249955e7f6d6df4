// The convolutions of a device: one plan for every job, raced on the device once and remembered, or taken by a fixed rule.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "device/cuda/cudnn_plan.h"
#include "device/cuda/plan_choices.h"

namespace fgan::cuda {

class Convolutions {
 public:
  // machine: what plans depend on beside cuDNN's version, as "NVIDIA H200 sm_90"; file: of PlanChoices, empty for none.
  Convolutions(const Api&, cudnnHandle_t, cudaStream_t, std::string machine, PlanOptions, std::filesystem::path file);

  // The plan of this job, made when it is asked for first: not while recording, for that allocates and waits.  Null for a job
  // with an epilogue that is to be split into the plain one and bias_act: cuDNN has no engine for it, or none that is faster than both.  A
  // plain job without an engine is Error(device).
  // What the plan writes is of the job's type, the filter's gradient too; valid as long as this is.
  const Plan* prepare(const ConvJob&);

  // What was chosen for the jobs so far, and what is to be chosen for those to come (by the same text, before any file): how a run that
  // continues computes as it did before.  What does not fit machine, versions or options is ignored.
  std::string choices() const { return used_.text(); }
  void adopt(std::string_view text) { known_.merge(text); }

 private:
  struct Prepared {
    ConvJob job;
    std::unique_ptr<const Plan> plan;
  };

  std::string key(const ConvJob&) const;
  class Track;
  struct Raced {
    std::unique_ptr<const Plan> plan;
    float milliseconds = 0;
  };

  // Each null when there is none.
  std::unique_ptr<const Plan> make(const ConvJob&);
  std::unique_ptr<const Plan> remembered(const ConvJob&, const Descriptor& graph, const std::string& text) const;
  std::unique_ptr<const Plan> chosen(const ConvJob&, const Descriptor& graph);
  std::unique_ptr<const Plan> first(std::vector<Candidate>) const;
  Raced fastest(const ConvJob&, const Track&, std::vector<Candidate>) const;
  std::unique_ptr<const Plan> finished(Candidate) const;

  const Api& api_;
  cudnnHandle_t handle_;
  cudaStream_t stream_;
  std::string machine_;
  PlanOptions options_;
  std::filesystem::path file_;
  PlanChoices known_, used_;
  std::vector<Prepared> prepared_;
};

}  // namespace fgan::cuda
