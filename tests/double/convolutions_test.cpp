// Which of the double's engines are chosen: 0 (3 ms, does not repeat to the bit), 1 (never finishes), 2 (0.5 ms, tensor cores), 3 (1 ms, a
// knob), 4 (4 ms).
#include <doctest/doctest.h>

#include "device/cuda/cudnn_conv.h"
#include "double/double.h"
#include "unit/scratch.h"

namespace fgan {
namespace {

using namespace cuda;

constexpr ConvJob kJob{.spec = {4, 2, 1}, .x = {2, 8, 8, 3}, .filter = {4, 4, 4, 3}, .y = {2, 4, 4, 4}};

ConvJob fused(ConvJob job) {
  job.activation.kind = math::Activation::leaky_relu;
  job.bias = true;
  return job;
}

ConvJob in_bf16(ConvJob job) {
  job.dtype = DType::bf16;
  return job;
}

struct Bench {
  explicit Bench(const cuda_double::Machine& machine = {}) : libraries(machine) {
    libraries.api().cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    libraries.api().cudnnCreate(&handle);
    libraries.api().cudnnSetStream(handle, stream);
  }
  ~Bench() {
    libraries.api().cudnnDestroy(handle);
    libraries.api().cudaStreamDestroy(stream);
    CHECK(libraries.leaks() == "");
  }
  Convolutions convolutions(PlanOptions options = {}, const std::filesystem::path& file = {}) {
    return {libraries.api(), handle, stream, "a GPU", options, file};
  }
  // Engine and knobs; "split" where there is no plan.
  std::string chosen(const ConvJob& job, PlanOptions options = {}, const std::filesystem::path& file = {}) {
    Convolutions convolutions = this->convolutions(options, file);
    const Plan* plan = convolutions.prepare(job);
    return plan == nullptr ? "split" : plan->candidate().text;
  }
  long launches_of(const ConvJob& job, const std::filesystem::path& file) {
    const long before = libraries.launches();
    chosen(job, {}, file);
    return libraries.launches() - before;
  }

  cuda_double::Double libraries;
  cudaStream_t stream = nullptr;
  cudnnHandle_t handle = nullptr;
};

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("the fastest engine that computes what was asked for wins the race") {
    Bench bench;
    CHECK(bench.chosen(in_bf16(kJob)) == "2");
    CHECK(bench.chosen(kJob) == "3 0=1");  // f32 on tensor cores would be tf32
    CHECK(bench.chosen(kJob, {.tf32 = true}) == "2");
    CHECK(bench.chosen(in_bf16(kJob), {.workspace_limit = 1 << 9}) == "4");
  }

  TEST_CASE("a deterministic device takes the first engine that repeats to the bit, without a race") {
    Bench bench;
    CHECK(bench.chosen(in_bf16(kJob), {.deterministic = true}) == "2");
    CHECK(bench.chosen(kJob, {.deterministic = true}) == "3 0=1");
    CHECK(bench.libraries.launches() == 0);
  }

  TEST_CASE("a fused convolution is split when it does not exist or is slower than its parts") {
    CHECK(Bench().chosen(fused(kJob)) == "3 0=1");
    CHECK(Bench({.fused_milliseconds = 2}).chosen(fused(kJob)) == "split");
    CHECK(Bench({.fused_convolutions = false}).chosen(fused(kJob)) == "split");
  }

  TEST_CASE("what won a race is not raced again, unless another machine or an unknown engine is meant") {
    const test::Scratch scratch;
    const auto file = scratch / "cache" / "plans.txt";
    Bench bench({.fused_milliseconds = 2});
    CHECK(bench.launches_of(fused(kJob), file) > 0);
    CHECK(bench.launches_of(fused(kJob), file) == 0);
    CHECK(bench.chosen(fused(kJob), {}, file) == "split");
    CHECK(bench.launches_of(kJob, file) == 0);  // the plain part of it
    CHECK(bench.launches_of(in_bf16(kJob), file) > 0);
    std::string text = test::text_of(file);
    for (const auto& [before, after] : {std::pair{"\t3 0=1", "\t99"}, std::pair{"\t2", "\tnonsense"}})
      text.replace(text.find(before), std::string_view(before).size(), after);
    write_file(file, text);
    CHECK(bench.launches_of(kJob, file) > 0);
    CHECK(bench.launches_of(in_bf16(kJob), file) > 0);
    CHECK(bench.launches_of(kJob, file) == 0);
  }

  TEST_CASE("an engine that may not be used is not taken from a file either") {
    Bench bench;
    Convolutions first = bench.convolutions();
    first.prepare(kJob);
    std::string text = first.choices();
    text.replace(text.find("3 0=1"), 5, "2");
    Convolutions second = bench.convolutions();
    second.adopt(text);
    CHECK(second.prepare(kJob)->candidate().text == "3 0=1");
  }

  TEST_CASE("a run that adopts the choices of another repeats them") {
    Bench bench;
    Convolutions first = bench.convolutions();
    first.prepare(kJob);
    std::string text = first.choices();
    text.replace(text.find("3 0=1"), 5, "4");
    Convolutions second = bench.convolutions();
    second.adopt(text);
    const long before = bench.libraries.launches();
    CHECK(second.prepare(kJob)->candidate().text == "4");
    CHECK(bench.libraries.launches() == before);
    CHECK(second.choices() == text);
  }

  TEST_CASE("a convolution that no engine runs is refused in words") {
    Bench bench;
    Api broken = bench.libraries.api();
    broken.cudnnBackendExecute = [](cudnnHandle_t, cudnnBackendDescriptor_t, cudnnBackendDescriptor_t) {
      return CUDNN_STATUS_EXECUTION_FAILED;
    };
    Convolutions convolutions(broken, bench.handle, bench.stream, "a GPU", {}, {});
    const auto refusal = test::outcome([&] { convolutions.prepare(kJob); });
    CHECK(refusal.exit == Exit::device);
    CHECK(test::contains(refusal.message, "no engine for this convolution: forward x 2x8x8x3"));
  }
}

}  // namespace fgan
