// Where a step lies: rows and groups of its tapes, one plan for the memory of all of them, and the ops prepared for their shapes.
#include "train/step.h"

namespace fgan {
namespace {

constexpr auto kStatistics = static_cast<std::int64_t>(GameStat::count);

}  // namespace

GanStep::GanStep(Device& device, Players& players, const StepOptions& options)
    : device_(device),
      players_(players),
      options_(options),
      game_(make_game(options.game)),
      critic_reference_(players.critic_reference()),
      generator_reference_(players.generator_reference()),
      both_(behind_reference(critic_reference_, options.batch, {Role::real, Role::fake})),
      fakes_(behind_reference(critic_reference_, options.batch, {Role::fake})),
      generated_(behind_reference(generator_reference_, options.batch, {Role::fake})),
      critic_tape_(players.critic(), critic_reference_ + 2 * options.batch, static_cast<int>(both_.size()), plan_, critic_types()),
      generator_tape_(players.generator(), generator_reference_ + options.batch, static_cast<int>(generated_.size()), plan_,
                      generator_types(), {}, generator_reference_ > 0 ? Place{} : critic_fakes_place()) {
  plan_memory();
  prepare_ops();
  record();
}

Place GanStep::critic_fakes_place() const {
  const std::int64_t before = critic_fakes().first * players_.critic().input_shape().example();
  return {critic_tape_.input_place().slot, static_cast<std::size_t>(before) * size_of(device_.activations())};
}

void GanStep::plan_memory() {
  int tick = 0;
  generator_tape_.plan_forward(plan_, tick);
  critic_tape_.plan_forward(plan_, tick);
  critic_tape_.plan_backward(plan_, tick, shared_backward() ? critic_fakes() : Rows{});
  const Tape* answer = &critic_tape_;
  if (!single()) {
    answer_tape_.emplace(players_.critic(), critic_reference_ + options_.batch, static_cast<int>(fakes_.size()), plan_, critic_types(),
                         critic_reference_ > 0 ? Place{} : critic_fakes_place());
    answer = &*answer_tape_;
    if (options_.game.fresh_fakes) generator_tape_.plan_forward(plan_, tick);
    answer_tape_->plan_forward(plan_, tick);
    answer_tape_->plan_backward(plan_, tick, {critic_reference_, options_.batch});
  } else if (!shared_backward()) {
    critic_tape_.plan_backward(plan_, tick, critic_fakes());
  }
  if (generator_reference_ > 0) plan_.touch(answer->input_gradient_place().slot, tick);  // copied behind those of the reference
  else generator_tape_.share_output_gradient(answer->input_gradient_place());
  generator_tape_.plan_backward(plan_, tick, {});
  for (const Place place : {critic_tape_.input_place(), critic_tape_.output_place(), critic_tape_.output_gradient_place(),
                            answer->output_place(), answer->output_gradient_place(), generator_tape_.input_place()})
    plan_.keep(place.slot);
  plan_.solve();
  arena_ = device_.allocate(plan_.bytes());
  auto* base = static_cast<std::byte*>(arena_->data());
  generator_tape_.bind(plan_, base);
  critic_tape_.bind(plan_, base);
  if (answer_tape_) answer_tape_->bind(plan_, base);

  staging_ = device_.allocate(staging().bytes());
  statistics_ = device_.allocate(static_cast<std::size_t>(2 * kStatistics) * sizeof(float));
  counters_ = device_.allocate(3 * sizeof(std::int64_t));  // the last stays 0
  if (critic_reference_ > 0) reference_ = device_.allocate(critic_reference().bytes());
  if (generator_reference_ > 0) zeros_ = device_.allocate(generator_tape_.output_gradient().rows(0, generator_reference_).bytes());
  if (single()) {
    generator_dv_ = critic_tape_.output_gradient();
    dv_ = device_.allocate(generator_dv_.bytes());
    generator_dv_.data = dv_->data();
  } else {
    generator_dv_ = answer_tape_->output_gradient();
  }
}

void GanStep::prepare_ops() {
  const std::int64_t n = options_.batch, both = critic_reference_ + 2 * n;
  const DType dtype = device_.activations();
  Ops& ops = device_.ops();
  prepare(ops, players_.generator(), generator_reference_ + n, {.parameter_gradients = true, .backward = true, .dtype = dtype});
  prepare(ops, players_.critic(), both,
          {.parameter_gradients = true, .backward = true, .input_gradient_rows = shared_backward() ? n : 0, .dtype = dtype});
  if (shared_backward()) return;
  const std::int64_t answering = critic_reference_ == 0 ? n : single() ? both : critic_reference_ + n;
  prepare(ops, players_.critic(), answering, {.backward = true, .input_gradient_rows = n, .dtype = dtype});
}

Tensor GanStep::staging() const {
  return {staging_ ? staging_->data() : nullptr, players_.data_shape().rows(options_.batch), options_.data_type};
}

Tensor GanStep::critic_reference() const {
  return {reference_ ? reference_->data() : nullptr, players_.data_shape().rows(critic_reference_), options_.data_type};
}

Tensor GanStep::generator_v() const {
  const Tensor v = (answer_tape_ ? *answer_tape_ : critic_tape_).output();
  return v.rows(v.shape.n - options_.batch, options_.batch);
}

Tensor GanStep::generator_statistics() const { return single() ? critic_statistics() : observed(1); }

Tensor GanStep::observed(std::int64_t which) const {
  return {static_cast<float*>(statistics_->data()) + which * kStatistics, Shape{1, 1, 1, kStatistics}, DType::f32};
}

}  // namespace fgan
