// The plans that training would use on GPUs which are not here: built by the program's own code for described devices, never run.
#include <doctest/doctest.h>

#include <cstdio>
#include <optional>

#include "base/error.h"
#include "cudnn_plan/described.h"
#include "cudnn_plan/wanted_jobs.h"

namespace fgan {
namespace {

using namespace cuda;

struct Outcome {
  std::size_t offered = 0, allowed = 0;
  std::optional<std::string> first;  // that finishes: engine, knobs, workspace
  std::string refusal;
};

Outcome plan_of(const ConvJob& job, const Descriptor& gpu, const PlanOptions& options) {
  const Target target{nullptr, &gpu};
  const Descriptor graph = build_graph(cudnn(), nullptr, job);
  std::vector<Candidate> all = candidates(cudnn(), target, graph);
  Outcome outcome{all.size(), 0, {}, {}};
  std::erase_if(all, [&](const Candidate& candidate) { return !permitted(candidate, job, options); });
  outcome.allowed = all.size();
  for (Candidate& candidate : all) try {
      const bool compiled = candidate.has(CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION);
      const Plan plan(cudnn(), target, std::move(candidate));
      if (plan.workspace_bytes() > options.workspace_limit) continue;
      outcome.first = format("{}{}, {} KiB", plan.candidate().text, compiled ? " compiled" : "", (plan.workspace_bytes() + 1023) >> 10);
      break;
    } catch (const Error& error) {
      outcome.refusal = error.what();
    }
  return outcome;
}

TEST_SUITE("cudnn-plan") {
  TEST_CASE("scratch table") {
    for (const Gpu which : {Gpu::a100, Gpu::h100}) {
      const Descriptor gpu = properties(which);
      for (const auto& [type, dtype, options] :
           {std::tuple{"f32", DType::f32, PlanOptions{}}, std::tuple{"tf32", DType::f32, PlanOptions{.tf32 = true}},
            std::tuple{"bf16", DType::bf16, PlanOptions{}}})
        for (const WantedJob& wanted : wanted_jobs(dtype)) {
          const Outcome o = plan_of(wanted.job, gpu, options);
          std::printf("%s | %s | %s | %zu/%zu | %s | %s | %s\n", name(which).c_str(), type, to_string(wanted.job).c_str(), o.allowed,
                      o.offered, o.first ? o.first->c_str() : "none", o.refusal.c_str(), wanted.presets.c_str());
          std::fflush(stdout);
        }
    }
  }
}

}  // namespace
}  // namespace fgan
