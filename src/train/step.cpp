#include "train/step.h"

namespace fgan {
namespace {

constexpr auto kStatistics = static_cast<std::int64_t>(GameStat::count);

std::size_t fake_rows_offset(const Network& critic, std::int64_t batch) {
  return static_cast<std::size_t>(batch * critic.input_shape().example()) * sizeof(float);
}

}  // namespace

GanStep::GanStep(Device& device, Players& players, const StepOptions& options)
    : device_(device),
      players_(players),
      options_(options),
      game_(make_game(options.game)),
      both_{RowGroup{0, options.batch, Role::real}, RowGroup{options.batch, options.batch, Role::fake}},
      fakes_{RowGroup{0, options.batch, Role::fake}},
      critic_tape_(players.critic(), 2 * options.batch, 2, plan_),
      generator_tape_(players.generator(), options.batch, 1, plan_, {},
                      {critic_tape_.input_place().slot, fake_rows_offset(players.critic(), options.batch)}) {
  plan_memory();
  prepare_ops();
  record();
}

void GanStep::plan_memory() {
  const std::int64_t n = options_.batch;
  int tick = 0;
  generator_tape_.plan_forward(plan_, tick);
  critic_tape_.plan_forward(plan_, tick);
  critic_tape_.plan_backward(plan_, tick, shared_backward() ? Rows{n, n} : Rows{});
  const Tape* answer = &critic_tape_;
  if (!single()) {
    answer_tape_.emplace(players_.critic(), n, 1, plan_, generator_tape_.output_place());
    answer = &*answer_tape_;
    if (options_.game.fresh_fakes) generator_tape_.plan_forward(plan_, tick);
    answer_tape_->plan_forward(plan_, tick);
    answer_tape_->plan_backward(plan_, tick, {0, n});
  } else if (!shared_backward()) {
    critic_tape_.plan_backward(plan_, tick, {n, n});
  }
  generator_tape_.share_output_gradient(answer->input_gradient_place());
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
  counters_ = device_.allocate(2 * sizeof(std::int64_t));
  if (single()) {
    generator_dv_ = critic_dv();
    dv_ = device_.allocate(generator_dv_.bytes());
    generator_dv_.data = dv_->data();
  } else {
    generator_dv_ = answer_tape_->output_gradient();
  }
}

void GanStep::prepare_ops() {
  const std::int64_t n = options_.batch;
  Ops& ops = device_.ops();
  prepare(ops, players_.generator(), n, {.parameter_gradients = true, .backward = true});
  prepare(ops, players_.critic(), 2 * n, {.parameter_gradients = true, .backward = true, .input_gradient_rows = shared_backward() ? n : 0});
  if (!shared_backward()) prepare(ops, players_.critic(), n, {.backward = true, .input_gradient_rows = n});
}

void GanStep::record() {
  if (single()) {
    whole_ = device_.record([this](Queue& queue) {
      critic_gradient(queue);
      generator_gradient(queue);
      critic_update(queue);
      generator_update(queue);
    });
    return;
  }
  critic_part_ = device_.record([this](Queue& queue) {
    critic_gradient(queue);
    critic_update(queue);
  });
  generator_part_ = device_.record([this](Queue& queue) {
    generator_gradient(queue);
    generator_update(queue);
  });
}

void GanStep::run(const std::function<void()>& feed) {
  if (single()) {
    feed();
    whole_->replay();
    return;
  }
  for (int k = 0; k < options_.game.critic_steps; ++k) {
    feed();
    critic_part_->replay();
  }
  generator_part_->replay();
}

void GanStep::run_observed(const std::function<void()>& feed, const std::function<void(Phase)>& done) {
  Queue& queue = device_.queue();
  const auto phase = [&](Phase which, void (GanStep::*part)(Queue&)) {
    (this->*part)(queue);
    done(which);
  };
  for (std::int64_t k = 0; k < batches(); ++k) {
    feed();
    phase(Phase::critic_gradient, &GanStep::critic_gradient);
    if (!single()) phase(Phase::critic_update, &GanStep::critic_update);
  }
  phase(Phase::generator_gradient, &GanStep::generator_gradient);
  if (single()) phase(Phase::critic_update, &GanStep::critic_update);
  phase(Phase::generator_update, &GanStep::generator_update);
}

// The counter of the noise moves when fakes are drawn: never between a pass forward and those back that belong to it, always between two
// passes forward on the same tape.
DropoutMasks GanStep::masks(math::Purpose purpose, std::int64_t first_row) const {
  return {.seed = options_.seed, .purpose = purpose, .counter = draws(), .first_row = first_row};
}

Pass GanStep::critic_pass(Queue& queue) const {
  return {
      .queue = queue, .ops = device_.ops(), .groups = both_, .parameter_gradients = true, .masks = masks(math::Purpose::critic_dropout, 0)};
}

// On the critic's tape these are its fake rows.  A tape of its own sees the same fakes anew, and numbers its rows behind those of the
// critic's, so that its masks are its own.
Pass GanStep::answer_pass(Queue& queue) const {
  const std::int64_t first_row = answer_tape_ ? 2 * options_.batch : 0;
  return {.queue = queue, .ops = device_.ops(), .groups = fakes_, .masks = masks(math::Purpose::critic_dropout, first_row)};
}

Pass GanStep::generator_pass(Queue& queue, bool parameter_gradients) const {
  return {.queue = queue,
          .ops = device_.ops(),
          .groups = fakes_,
          .parameter_gradients = parameter_gradients,
          .masks = masks(math::Purpose::generator_dropout, 0)};
}

void GanStep::draw_fakes(Queue& queue) {
  Ops& ops = device_.ops();
  const bool normal = players_.resolved_options().latent.noise == LatentNoise::normal;
  ops.noise(queue, normal ? Ops::Noise::normal : Ops::Noise::uniform, options_.seed, math::Purpose::latent, draws(),
            generator_tape_.input());
  ops.add_to_counter(queue, 1, draws());
  forward(generator_pass(queue, false), generator_tape_);
}

void GanStep::critic_gradient(Queue& queue) {
  Ops& ops = device_.ops();
  if (options_.data_type == DType::u8) {
    const PixelRange range = players_.pixel_range();
    ops.pixels_in(queue, staging(), range.scale, range.shift, real());
  } else {
    ops.copy(queue, staging(), real());
  }
  draw_fakes(queue);
  const Pass pass = critic_pass(queue);
  forward(pass, critic_tape_);
  ops.game(queue, game_, pass.groups, critic_v(), critic_dv(), single() ? generator_dv_ : Tensor{}, critic_statistics(), capped());
  if (critic_learns()) backward(pass, critic_tape_, shared_backward() ? Rows{options_.batch, options_.batch} : Rows{});
}

void GanStep::generator_gradient(Queue& queue) {
  Ops& ops = device_.ops();
  const std::int64_t n = options_.batch;
  const Pass answer = answer_pass(queue);
  if (!single()) {
    if (options_.game.fresh_fakes) draw_fakes(queue);
    forward(answer, *answer_tape_);
    ops.game(queue, game_, answer.groups, answer_tape_->output(), Tensor{}, generator_dv_, observed(kStatistics, kStatistics), capped());
    if (generator_learns()) backward(answer, *answer_tape_, {0, n});
  } else if (generator_learns() && !shared_backward()) {
    // The same tape once more from other gradients: the fakes' rows only, the critic's parameters left alone.
    ops.copy(queue, generator_dv(), critic_dv().rows(n, n));
    backward(answer, critic_tape_, {0, n}, {.first_row = n, .first_group = 1});
  }
  if (generator_learns()) backward(generator_pass(queue, true), generator_tape_, {});
}

void GanStep::critic_update(Queue& queue) { players_.critic_optimizer().update(queue, device_.ops(), players_.critic().params()); }

void GanStep::generator_update(Queue& queue) { players_.generator_optimizer().update(queue, device_.ops(), players_.generator().params()); }

Tensor GanStep::staging() const {
  return {staging_ ? staging_->data() : nullptr, players_.data_shape().rows(options_.batch), options_.data_type};
}

Tensor GanStep::generator_v() const { return answer_tape_ ? answer_tape_->output() : critic_v().rows(options_.batch, options_.batch); }

Tensor GanStep::generator_statistics() const { return single() ? critic_statistics() : observed(kStatistics, kStatistics); }

Tensor GanStep::observed(std::int64_t first, std::int64_t count) const {
  return {static_cast<float*>(statistics_->data()) + first, Shape{1, 1, 1, count}, DType::f32};
}

}  // namespace fgan
