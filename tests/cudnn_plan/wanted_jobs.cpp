#include "cudnn_plan/wanted_jobs.h"

#include <algorithm>

#include "config/presets.h"
#include "device/naive/device.h"
#include "device/naive/ops.h"
#include "train/step.h"

namespace fgan {
namespace {

class NotingOps final : public NaiveOps {
 public:
  void prepare_conv(const ConvJob& job) override {
    if (!is_dense(job.spec, job.x, job.y)) jobs.push_back(job);
  }
  std::vector<ConvJob> jobs;
};

// A naive device whose ops note what is prepared; nothing runs on it.
class NotingDevice final : public Device {
 public:
  explicit NotingDevice(DType activations) : naive_(make_naive_device(activations)) {}
  const std::vector<ConvJob>& jobs() const { return ops_.jobs; }

  std::string description() const override { return naive_->description(); }
  std::string isa() const override { return naive_->isa(); }
  DType activations() const override { return naive_->activations(); }
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return naive_->allocate(bytes); }
  Queue& queue() override { return naive_->queue(); }
  Ops& ops() override { return ops_; }
  std::unique_ptr<Recording> record(std::function<void(Queue&)> work) override { return naive_->record(std::move(work)); }
  void upload(void* device, const void* host, std::size_t bytes) override { naive_->upload(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override { naive_->download(host, device, bytes); }

 private:
  std::unique_ptr<Device> naive_;
  NotingOps ops_;
};

// What the preset says of the data; where it leaves that to the files, MNIST's.
Shape examples_of(const DataOptions& data) {
  const int size = data.size > 0 ? data.size : 28;
  return {1, size, size, data.channels > 0 ? data.channels : data.size > 0 ? 3 : 1};
}

std::vector<ConvJob> jobs_of(const Preset& preset, DType activations) {
  const Config config = resolve(from_preset(preset.name)).config;
  NotingDevice device(activations);
  const bool numbers = config.players.generator.model.architecture == Architecture::affine;
  Players players(device, config.players, numbers ? Shape{} : examples_of(config.data), Players::Use::training);
  const GanStep step(device, players, {.game = config.game, .batch = config.train.batch, .data_type = numbers ? DType::f32 : DType::u8});
  return device.jobs();
}

}  // namespace

std::vector<WantedJob> wanted_jobs(DType activations) {
  std::vector<WantedJob> all;
  for (const Preset& preset : presets())
    for (const ConvJob& job : jobs_of(preset, activations)) {
      const auto same = [&](const WantedJob& wanted) { return wanted.job == job; };
      const auto found = std::find_if(all.begin(), all.end(), same);
      if (found == all.end()) all.push_back({job, std::string(preset.name)});
      else if (!found->presets.ends_with(preset.name)) found->presets += format(", {}", preset.name);
    }
  return all;
}

}  // namespace fgan
