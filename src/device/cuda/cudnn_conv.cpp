#include "device/cuda/cudnn_conv.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/log.h"
#include "device/cuda/memory.h"

namespace fgan::cuda {
namespace {

// A race takes the heuristics' first; of those that must be compiled, at 0.4 to 4 s each, fewer.
constexpr std::size_t kRaced = 24, kCompiled = 4;
constexpr int kWarmUps = 2, kRepeats = 5;
constexpr const char* kSplit = "split";  // the choice of no fused plan

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

}  // namespace

// Times plans of a job, and of the job without its epilogue, on tensors of zeros.
class Convolutions::Track {
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

  float milliseconds(const Plan& plan, const ConvJob& job) const {
    const DeviceMemory workspace = allocate(api_, plan.workspace_bytes());
    const ConvMemory memory{x_.get(), filter_.get(), y_.get(), job.bias ? bias_.get() : nullptr};
    return median([&] { plan.run(handle_, memory, workspace.get()); });
  }

  // Reading and writing the result once more, as an epilogue by itself does.
  float milliseconds_of_epilogue(const ConvJob& job) const {
    const bool transposed = job.pass == ConvPass::grad_input;
    const std::size_t bytes = Tensor{nullptr, transposed ? job.x : job.y, job.dtype}.bytes();
    void* result = transposed ? x_.get() : y_.get();
    const DeviceMemory copy = allocate(api_, bytes);
    return median([&] { FGAN_CALL(api_, cudaMemcpyAsync, copy.get(), result, bytes, cudaMemcpyDeviceToDevice, stream_); });
  }

 private:
  template <class Work>
  float median(const Work& work) const {
    for (int i = 0; i < kWarmUps; ++i) work();
    std::array<float, kRepeats> times{};
    for (float& time : times) {
      FGAN_CALL(api_, cudaEventRecord, start_.get(), stream_);
      work();
      FGAN_CALL(api_, cudaEventRecord, stop_.get(), stream_);
      FGAN_CALL(api_, cudaEventSynchronize, stop_.get());
      FGAN_CALL(api_, cudaEventElapsedTime, &time, start_.get(), stop_.get());
    }
    std::sort(times.begin(), times.end());
    return times[kRepeats / 2];
  }
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
  const std::string name = key(job);
  const std::string* known = known_.find(name);
  if (known != nullptr && *known == kSplit && has_epilogue(job)) {
    used_.set(name, kSplit);
    return nullptr;
  }
  const Descriptor graph = build_graph(api_, handle_, job);
  std::unique_ptr<const Plan> plan = known == nullptr ? nullptr : remembered(job, graph, *known);
  if (!plan) {
    plan = chosen(job, graph);
    if (!plan && !has_epilogue(job)) fail(Exit::device, "cuDNN has no engine for this convolution: {}", name);
    PlanChoices fresh;
    fresh.set(name, plan ? plan->candidate().text : kSplit);
    save_choices(file_, fresh);
    known_.merge(fresh.text());
  }
  used_.set(name, plan ? plan->candidate().text : kSplit);
  return plan;
}

std::unique_ptr<const Plan> Convolutions::chosen(const ConvJob& job, const Descriptor& graph) {
  std::vector<Candidate> all = candidates(api_, {handle_}, graph);
  std::erase_if(all, [&](const Candidate& candidate) { return !permitted(candidate, job, options_); });
  if (options_.deterministic) return first(std::move(all));
  const Track track(api_, handle_, stream_, job);
  Raced raced = fastest(job, track, runners(std::move(all)));
  if (!raced.plan) return nullptr;
  log::debug("{}: engine {}, {} ms", to_string(job), raced.plan->candidate().text, raced.milliseconds);
  if (!has_epilogue(job)) return std::move(raced.plan);
  // Some graphs have only an engine that is slow: the fastest plain one and a kernel of ours may do better.
  const Plan* plain = prepare(without_epilogue(job));
  const float split = track.milliseconds(*plain, without_epilogue(job)) + track.milliseconds_of_epilogue(job);
  return split < raced.milliseconds ? nullptr : std::move(raced.plan);
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

std::unique_ptr<const Plan> Convolutions::remembered(const ConvJob& job, const Descriptor& graph, const std::string& text) const {
  try {
    Candidate candidate = configure(api_, {handle_}, graph, text);
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

Convolutions::Raced Convolutions::fastest(const ConvJob& job, const Track& track, std::vector<Candidate> all) const {
  Raced best;
  for (Candidate& candidate : all) {
    std::unique_ptr<const Plan> plan = finished(std::move(candidate));
    if (!plan) continue;
    try {
      const float time = track.milliseconds(*plan, job);
      if (!best.plan || time < best.milliseconds) best = {std::move(plan), time};
    } catch (const Error& error) {  // no memory for its workspace, or it does not run: another may
      log::debug("{}", error.what());
    }
  }
  return best;
}

}  // namespace fgan::cuda
