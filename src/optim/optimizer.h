// An optimiser over the flat blocks of a network.
#pragma once

#include <cstdint>
#include <memory>

#include "device/device.h"
#include "device/ops.h"
#include "nn/params.h"
#include "optim/options.h"

namespace fgan {

class Optimizer {
 public:
  // options: with the horizon resolved.  average_decay: 0 for none.
  Optimizer(const OptimizerOptions& options, double average_decay, bool ascend);

  ParamStore::Blocks blocks() const;                              // what it needs allocated
  void allocate(Device& device);                                  // its counters
  void update(Queue& queue, Ops& ops, ParamStore& params) const;  // enqueues; nothing when frozen

  bool frozen() const { return frozen_; }
  const math::OptimizerSpec& spec() const { return spec_; }
  Tensor counters() const;  // i64[OptimizerCounter::count], in device memory

 private:
  math::OptimizerSpec spec_;
  bool frozen_;
  std::unique_ptr<Buffer> counters_;
};

}  // namespace fgan
