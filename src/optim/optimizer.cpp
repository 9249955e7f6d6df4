#include "optim/optimizer.h"

namespace fgan {

Optimizer::Optimizer(const OptimizerOptions& o, double average_decay, bool ascend) : frozen_(o.frozen) {
  spec_.kind = o.optimizer;
  spec_.schedule = {o.schedule, o.learning_rate, o.warmup, o.horizon, o.final_fraction};
  spec_.beta1 = o.beta1;
  spec_.beta2 = o.beta2;
  spec_.rms_decay = o.rms_decay;
  spec_.epsilon = o.epsilon;
  spec_.momentum = o.momentum;
  spec_.clip = o.clip;
  spec_.average_decay = average_decay;
  spec_.ascend = ascend;
}

ParamStore::Blocks Optimizer::blocks() const {
  if (frozen_) return {.average = spec_.average_decay > 0};
  return {.gradient = true, .first_moment = true, .second_moment = math::keeps_second(spec_.kind), .average = spec_.average_decay > 0};
}

void Optimizer::allocate(Device& device) { counters_ = device.allocate(counters().bytes()); }

void Optimizer::update(Queue& queue, Ops& ops, ParamStore& params) const {
  if (frozen_) return;
  const std::vector<Slice> rounded_gradients = params.rounded_gradients();
  ops.optimizer_step(queue, spec_,
                     {params.flat(Block::weights), params.flat(Block::gradient), params.flat(Block::first_moment),
                      params.flat(Block::second_moment), params.flat(Block::average), params.flat(Block::rounded), rounded_gradients},
                     counters());
}

Tensor Optimizer::counters() const {
  return {counters_ ? counters_->data() : nullptr, Shape{1, 1, 1, static_cast<std::int64_t>(OptimizerCounter::count)}, DType::i64};
}

}  // namespace fgan
