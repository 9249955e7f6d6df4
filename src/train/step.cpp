#include "train/step.h"

namespace fgan {

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

std::vector<Work> GanStep::work() const {
  std::vector<Work> all;
  const auto append = [&](const Recording& recording) { all.insert(all.end(), recording.work().begin(), recording.work().end()); };
  if (single()) append(*whole_);
  for (int k = 0; k < options_.game.critic_steps && !single(); ++k) append(*critic_part_);
  if (!single()) append(*generator_part_);
  return all;
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

Pass GanStep::critic_pass(Queue& queue, bool parameter_gradients) const {
  return {.queue = queue,
          .ops = device_.ops(),
          .groups = both_,
          .parameter_gradients = parameter_gradients,
          .masks = masks(math::Purpose::critic_dropout, 0)};
}

// On the critic's tape, where it has no reference, these are its fake rows.  A tape of its own sees the same fakes anew, and numbers its
// rows behind those of the critic's, so that its masks are its own.
Pass GanStep::answer_pass(Queue& queue) const {
  const std::int64_t first_row = answer_tape_ ? critic_tape_.rows() : 0;
  return {.queue = queue, .ops = device_.ops(), .groups = fakes_, .masks = masks(math::Purpose::critic_dropout, first_row)};
}

Pass GanStep::generator_pass(Queue& queue, bool parameter_gradients) const {
  return {.queue = queue,
          .ops = device_.ops(),
          .groups = generated_,
          .parameter_gradients = parameter_gradients,
          .masks = masks(math::Purpose::generator_dropout, 0)};
}

void GanStep::fill_noise(Queue& queue, math::Purpose purpose, Out counter, std::int64_t advance, Out latent) {
  const bool normal = players_.resolved_options().latent.noise == LatentNoise::normal;
  device_.ops().noise(queue, normal ? Ops::Noise::normal : Ops::Noise::uniform, options_.seed, purpose, counter, advance, latent);
}

void GanStep::to_numbers(Queue& queue, const math::Augmentation& how, In examples, Out numbers) {
  if (options_.data_type != DType::u8) return device_.ops().copy(queue, examples, numbers);
  device_.ops().pixels_in(queue, players_.pixel_range(), how, draws(), examples, numbers);
}

void GanStep::draw_fakes(Queue& queue) {
  Ops& ops = device_.ops();
  const Tensor zero{static_cast<std::int64_t*>(counters_->data()) + 2, Shape{}, DType::i64};
  if (generator_reference_ > 0) fill_noise(queue, math::Purpose::reference_latent, zero, 0, generator_reference_input());
  fill_noise(queue, math::Purpose::latent, draws(), 1, latent());
  forward(generator_pass(queue, false), generator_tape_);
  if (generator_reference_ > 0) ops.copy(queue, generator_tape_.output().rows(generator_reference_, options_.batch), fake());
}

void GanStep::critic_gradient(Queue& queue) {
  const Range range(device_, "critic gradient");
  const math::Augmentation how{options_.mirror, players_.resolved_options().dequantised, options_.seed};
  if (critic_reference_ > 0) to_numbers(queue, {}, critic_reference(), critic_reference_input());
  to_numbers(queue, how, staging(), real());
  draw_fakes(queue);
  const Pass pass = critic_pass(queue, true);
  forward(pass, critic_tape_);
  device_.ops().game(queue, game_, pass.groups, critic_tape_.output(), critic_tape_.output_gradient(), single() ? generator_dv_ : Tensor{},
                     critic_statistics(), capped());
  if (critic_learns()) backward(pass, critic_tape_, shared_backward() ? critic_fakes() : Rows{});
}

// The updated critic on its reference and the last fakes, which lie apart.
void GanStep::show_answering_critic(Queue& queue) {
  if (critic_reference_ > 0) {
    const Tensor input = answer_tape_->input();
    device_.ops().copy(queue, critic_reference_input(), input.rows(0, critic_reference_));
    device_.ops().copy(queue, fake(), input.rows(critic_reference_, options_.batch));
  }
  forward(answer_pass(queue), *answer_tape_);
}

// From the generator's gradients by v to those by its images; the critic's parameters are left alone.
void GanStep::back_through_critic(Queue& queue) {
  if (!single()) return backward(answer_pass(queue), *answer_tape_, {critic_reference_, options_.batch});
  if (shared_backward()) return;
  // The same tape once more from other gradients: the fakes' rows only, or where there is a reference all, of which the others are 0.
  const Rows fakes = critic_fakes();
  if (critic_reference_ > 0) {
    device_.ops().copy(queue, generator_dv_, critic_tape_.output_gradient());
    backward(critic_pass(queue, false), critic_tape_, fakes);
  } else {
    device_.ops().copy(queue, generator_dv(), critic_tape_.output_gradient().rows(fakes.first, fakes.count));
    backward(answer_pass(queue), critic_tape_, {0, fakes.count}, {.first_row = fakes.first, .first_group = 1});
  }
}

void GanStep::back_through_generator(Queue& queue) {
  if (generator_reference_ > 0) {
    const Tensor from = (answer_tape_ ? *answer_tape_ : critic_tape_).input_gradient(), to = generator_tape_.output_gradient();
    const Tensor zero = to.rows(0, generator_reference_);
    device_.ops().copy(queue, {zeros_->data(), zero.shape, zero.dtype}, zero);
    device_.ops().copy(queue, from, to.rows(generator_reference_, options_.batch));
  }
  backward(generator_pass(queue, true), generator_tape_, {});
}

void GanStep::generator_gradient(Queue& queue) {
  const Range range(device_, "generator gradient");
  if (!single()) {
    if (options_.game.fresh_fakes) draw_fakes(queue);
    show_answering_critic(queue);
    device_.ops().game(queue, game_, fakes_, answer_tape_->output(), Tensor{}, generator_dv_, observed(1), capped());
  }
  if (!generator_learns()) return;
  back_through_critic(queue);
  back_through_generator(queue);
}

void GanStep::critic_update(Queue& queue) {
  const Range range(device_, "critic update");
  players_.critic_optimizer().update(queue, device_.ops(), players_.critic().params());
}

void GanStep::generator_update(Queue& queue) {
  const Range range(device_, "generator update");
  players_.generator_optimizer().update(queue, device_.ops(), players_.generator().params());
}

}  // namespace fgan
