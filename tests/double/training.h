// Training steps of presets on any device, small: what a test of whole steps needs.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "train/step.h"

namespace fgan::cuda_double {

struct Small {
  std::int64_t batch = 3;
  int width = 4;  // 0: the preset's own
};

// The preset's networks, game and optimisers, at small width and batch, in this rule.
Config small_preset(std::string_view name, Rule rule, const Small& small = {});

// The data a preset is made for: [1, h, w, c] of bytes, or numbers for the mixture.
Shape data_of(const Config& config);

class Training {
 public:
  Training(Device& device, const Config& config);

  void run() {
    step_->run([this] { feed(); });
  }  // recorded
  void run_eagerly() {
    step_->run_observed([this] { feed(); }, [](Phase) {});
  }                                      // op by op
  std::vector<std::byte> state() const;  // all that is trained, and the counters
  std::vector<Work> work() const { return step_->work(); }

 private:
  void feed();

  Device& device_;
  std::unique_ptr<Players> players_;
  std::unique_ptr<GanStep> step_;
  std::uint64_t fed_ = 0;
};

}  // namespace fgan::cuda_double
