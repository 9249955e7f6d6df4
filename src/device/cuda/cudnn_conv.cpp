#include "device/cuda/cudnn_conv.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "device/cuda/memory.h"

namespace fgan::cuda {
namespace {

// A race takes the heuristics' first; of those that must be compiled, at 0.4 to 4 s each, fewer.
constexpr std::size_t kRaced = 24, kCompiled = 4;
constexpr int kWarmUps = 2, kRepeats = 5;

std::vector<Candidate> runners(std::vector<Candidate> all) {
  std::size_t compiled = 0;
  std::erase_if(all, [&](const Candidate& c) { return c.has(CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION) && ++compiled > kCompiled; });
  if (all.size() > kRaced) all.erase(all.begin() + kRaced, all.end());
  return all;
}

DeviceMemory zeros(const Api& api, cudaStream_t stream, std::size_t bytes) {
  DeviceMemory memory = allocate(api, bytes);
  if (bytes > 0) FGAN_CALL(api, cudaMemsetAsync, memory.get(), 0, bytes, stream);
  return memory;
}

// Times plans of one job on tensors of zeros.
class Track {
 public:
  Track(const Api& api, cudnnHandle_t handle, cudaStream_t stream, const ConvJob& job)
      : api_(api),
        handle_(handle),
        stream_(stream),
        x_(tensor(job.x, job.dtype)),
        filter_(tensor(job.filter, job.dtype)),
        y_(tensor(job.y, job.dtype)),
        bias_(tensor({1, 1, 1, job.bias ? std::max(job.x.c, job.y.c) : 0}, DType::f32)),
        start_(event()),
        stop_(event()) {}

  float median_milliseconds(const Plan& plan) const {
    const DeviceMemory workspace = allocate(api_, plan.workspace_bytes());
    const ConvMemory memory{x_.get(), filter_.get(), y_.get(), bias_.get()};
    for (int i = 0; i < kWarmUps; ++i) plan.run(handle_, memory, workspace.get());
    std::array<float, kRepeats> times{};
    for (float& time : times) {
      FGAN_CALL(api_, cudaEventRecord, start_.get(), stream_);
      plan.run(handle_, memory, workspace.get());
      FGAN_CALL(api_, cudaEventRecord, stop_.get(), stream_);
      FGAN_CALL(api_, cudaEventSynchronize, stop_.get());
      FGAN_CALL(api_, cudaEventElapsedTime, &time, start_.get(), stop_.get());
    }
    std::sort(times.begin(), times.end());
    return times[kRepeats / 2];
  }

 private:
  DeviceMemory tensor(const Shape& shape, DType dtype) const {
    return zeros(api_, stream_, static_cast<std::size_t>(shape.count()) * size_of(dtype));
  }
  Owned<cudaEvent_t> event() const {
    cudaEvent_t made = nullptr;
    FGAN_CALL(api_, cudaEventCreateWithFlags, &made, cudaEventDefault);
    return {made, api_.cudaEventDestroy};
  }

  const Api& api_;
  cudnnHandle_t handle_;
  cudaStream_t stream_;
  DeviceMemory x_, filter_, y_, bias_;
  Owned<cudaEvent_t> start_, stop_;
};

}  // namespace

Convolutions::Convolutions(const Api& api, cudnnHandle_t handle, cudaStream_t stream, std::string machine, PlanOptions options,
                           std::filesystem::path file)
    : api_(api),
      handle_(handle),
      stream_(stream),
      machine_(format("{} cudnn {}", machine, api.cudnnGetVersion())),
      options_(options),
      file_(std::move(file)),
      known_(load_choices(file_)) {}

const Plan* Convolutions::prepare(const ConvJob& job) {
  const auto same = [&](const Prepared& prepared) { return prepared.job == job; };
  const auto found = std::find_if(prepared_.begin(), prepared_.end(), same);
  if (found != prepared_.end()) return found->plan.get();
  return prepared_.emplace_back(Prepared{job, make(job)}).plan.get();
}

std::string Convolutions::key(const ConvJob& job) const {
  return format("{}, {}{}{}, workspace {}", to_string(job), machine_, options_.tf32 ? ", tf32" : "",
                options_.deterministic ? ", deterministic" : "", options_.workspace_limit);
}

std::unique_ptr<const Plan> Convolutions::make(const ConvJob& job) {
  const Descriptor graph = build_graph(api_, handle_, job);
  const std::string name = key(job);
  std::unique_ptr<const Plan> plan = remembered(job, name, graph);
  if (!plan) {
    std::vector<Candidate> all = candidates(api_, {handle_}, graph);
    std::erase_if(all, [&](const Candidate& candidate) { return !permitted(candidate, job, options_); });
    plan = options_.deterministic ? first(std::move(all)) : fastest(job, runners(std::move(all)));
    if (!plan && has_epilogue(job)) return nullptr;
    if (!plan) fail(Exit::device, "cuDNN has no engine for this convolution: {}", name);
    PlanChoices chosen;
    chosen.set(name, plan->candidate().text);
    save_choices(file_, chosen);
  }
  used_.set(name, plan->candidate().text);
  return plan;
}

std::unique_ptr<const Plan> Convolutions::finished(Candidate candidate) const {
  try {
    auto plan = std::make_unique<const Plan>(api_, Target{handle_}, std::move(candidate));
    return plan->workspace_bytes() <= options_.workspace_limit ? std::move(plan) : nullptr;
  } catch (const Error& error) {
    log::debug("{}", error.what());
    return nullptr;
  }
}

std::unique_ptr<const Plan> Convolutions::remembered(const ConvJob& job, const std::string& name, const Descriptor& graph) const {
  const std::string* text = known_.find(name);
  if (text == nullptr) return nullptr;
  try {
    Candidate candidate = configure(api_, {handle_}, graph, *text);
    return permitted(candidate, job, options_) ? finished(std::move(candidate)) : nullptr;
  } catch (const Error& error) {
    log::debug("{}", error.what());
    return nullptr;
  }
}

std::unique_ptr<const Plan> Convolutions::first(std::vector<Candidate> all) const {
  for (Candidate& candidate : all)
    if (auto plan = finished(std::move(candidate))) return plan;
  return nullptr;
}

std::unique_ptr<const Plan> Convolutions::fastest(const ConvJob& job, std::vector<Candidate> all) const {
  std::unique_ptr<const Plan> best;
  if (all.empty()) return best;
  float least = std::numeric_limits<float>::infinity();
  const Track track(api_, handle_, stream_, job);
  for (Candidate& candidate : all) {
    std::unique_ptr<const Plan> plan = finished(std::move(candidate));
    if (!plan) continue;
    try {
      const float time = track.median_milliseconds(*plan);
      if (time >= least) continue;
      least = time;
      best = std::move(plan);
    } catch (const Error& error) {  // no memory for its workspace, or it does not run: another may
      log::debug("{}", error.what());
    }
  }
  if (best) log::debug("{}: engine {}, {} ms", to_string(job), best->candidate().text, least);
  return best;
}

}  // namespace fgan::cuda
