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

struct Mode {
  const char* name;
  DType dtype;
  PlanOptions options;
};
const Mode kModes[] = {{"f32", DType::f32, {}}, {"tf32", DType::f32, {.tf32 = true}}, {"bf16", DType::bf16, {}}};

constexpr ConvJob kLayer{.spec = {4, 2, 1}, .x = {64, 32, 32, 64}, .filter = {128, 4, 4, 64}, .y = {64, 16, 16, 128}};

struct Offer {
  std::size_t offered = 0, permitted = 0;
  std::string first;  // permitted one that finishes: engine, knobs, workspace; empty: none
};

Offer offer(const ConvJob& job, const Descriptor& gpu, const PlanOptions& options) {
  const Target target{nullptr, &gpu};
  const Descriptor graph = build_graph(cudnn(), nullptr, job);
  std::vector<Candidate> all = candidates(cudnn(), target, graph);
  Offer found{all.size(), 0, {}};
  std::erase_if(all, [&](const Candidate& candidate) { return !permitted(candidate, job, options); });
  found.permitted = all.size();
  for (Candidate& candidate : all) {
    try {
      const bool compiled = candidate.has(CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION);
      const Plan plan(cudnn(), target, std::move(candidate));
      if (plan.workspace_bytes() > options.workspace_limit) continue;
      const double mebibytes = static_cast<double>(plan.workspace_bytes()) / (1 << 20);
      found.first = format("{}{} | {:.1f}", plan.candidate().text, compiled ? " (compiled)" : "", mebibytes);
      break;
    } catch (const Error& error) {
      MESSAGE(error.what());
    }
  }
  return found;
}

// The engines for bf16 with an epilogue want an even number of channels of what a transposed convolution gives.
bool known_to_split(const ConvJob& job) { return job.dtype == DType::bf16 && job.pass == ConvPass::grad_input && job.x.c % 2 == 1; }

// Prints a line of docs/measurements' table for every job.
void check_presets(Gpu which) {
  const Descriptor gpu = properties(which);
  for (const Mode& mode : kModes) {
    const std::vector<WantedJob> jobs = wanted_jobs(mode.dtype);
    CHECK(jobs.size() > 40);
    for (const auto& [job, presets] : jobs) {
      const std::string text = to_string(job);
      CAPTURE(text);
      const Offer found = offer(job, gpu, mode.options);
      std::printf("| %s | %s | %s | %s | %zu of %zu | %s |\n", name(which).c_str(), mode.name, presets.c_str(), text.c_str(),
                  found.permitted, found.offered, found.first.empty() ? "none: split | " : found.first.c_str());
      CHECK(found.first.empty() == (has_epilogue(job) && known_to_split(job)));
      if (has_epilogue(job)) CHECK(offer(without_epilogue(job), gpu, mode.options).first != "");
      else CHECK(offer(job, gpu, {.tf32 = mode.options.tf32, .deterministic = true}).first != "");
    }
  }
}

}  // namespace

TEST_SUITE("cudnn-plan") {
  TEST_CASE("every convolution of every preset has a plan on sm_80") { check_presets(Gpu::a100); }
  TEST_CASE("every convolution of every preset has a plan on sm_90") { check_presets(Gpu::h100); }

  TEST_CASE("each engine that is offered can be asked for by its text, and is the same then") {
    const Descriptor gpu = properties(Gpu::h100);
    const Target target{nullptr, &gpu};
    for (const ConvPass pass : {ConvPass::forward, ConvPass::grad_input, ConvPass::grad_filter}) {
      ConvJob job = kLayer;
      job.pass = pass;
      const Descriptor graph = build_graph(cudnn(), nullptr, job);
      std::vector<Candidate> offered = candidates(cudnn(), target, graph);
      CHECK(offered.size() >= 10);
      for (Candidate& candidate : offered) {
        Candidate again = configure(cudnn(), target, graph, candidate.text);
        CHECK(again.text == candidate.text);
        CHECK(again.numerics == candidate.numerics);
        if (candidate.has(CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION)) continue;
        const std::size_t bytes = Plan(cudnn(), target, std::move(again)).workspace_bytes();
        CHECK(Plan(cudnn(), target, std::move(candidate)).workspace_bytes() == bytes);
      }
    }
  }

  TEST_CASE("texts that say no engine of the graph are refused") {
    const Descriptor gpu = properties(Gpu::h100);
    const Descriptor graph = build_graph(cudnn(), nullptr, kLayer);
    for (const char* text : {"", "engine", "1 2", "1 2=", "1 2=x", "1  2=3", "99999", "1 9999=1", "-1"})
      CHECK_THROWS_AS(configure(cudnn(), {nullptr, &gpu}, graph, text), Error);
  }

  TEST_CASE("what cuDNN refuses is said in its words") {
    ConvJob wrong = kLayer;
    wrong.y.h = 17;
    CHECK_THROWS_WITH_AS(build_graph(cudnn(), nullptr, wrong), doctest::Contains("CUDNN_STATUS_BAD_PARAM"), Error);
  }

  TEST_CASE("f32 is multiplied on tensor cores only as tf32") {
    const Descriptor gpu = properties(Gpu::h100);
    std::size_t tensor_cores = 0, others = 0;
    for (const Candidate& candidate : candidates(cudnn(), {nullptr, &gpu}, build_graph(cudnn(), nullptr, kLayer))) {
      const bool uses = candidate.has(CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
      (uses ? tensor_cores : others) += 1;
      CHECK(permitted(candidate, kLayer, {}) == !uses);
      CHECK(permitted(candidate, kLayer, {.tf32 = true}));
    }
    CHECK(tensor_cores > 0);
    CHECK(others > 0);
  }
}

}  // namespace fgan
