// A device that times every op: a decorator in front of another device's ops.  What is recorded through it runs unrecorded, op by op, and
// the queue is waited for around each, so that the list is what a step does, in its order, and no list of ops is kept by hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/ops.h"

namespace fgan {

enum class OpKind { product, pass };  // a convolution or dense layer; a sweep over memory

// One call of a step.
struct OpCall {
  OpKind kind = OpKind::pass;
  std::string name, shapes;
  double flops = 0;  // of products, as direct ones
  double bytes = 0;  // each operand once, read or written
  std::vector<double> seconds;
};

// The calls of a step, the same in every step.
class OpLog {
 public:
  void begin_step();
  const std::vector<OpCall>& calls() const { return calls_; }
  void forget();  // calls that belong to no step: weights being made
  void forget_times();

  // Of the next call; what `describe` says is asked for the first time only.
  template <class Describe>
  std::vector<double>& next(const Describe& describe) {
    if (next_ == calls_.size()) calls_.push_back(describe());
    return calls_[next_++].seconds;
  }

 private:
  std::vector<OpCall> calls_;
  std::size_t next_ = 0;
};

// `device` and `log` outlive it.
std::unique_ptr<Device> timed(Device& device, OpLog& log);

}  // namespace fgan
