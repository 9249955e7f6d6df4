// One training step of the game on a device: what is computed in which order, in planned memory, recorded once and replayed.
//
// single-step (Nowozin et al. 2016, Algorithm 1): both gradients at the old point; where the generator descends the critic's own bound,
// one forward and one backward through the critic serve both players.  alternating: `critic_steps` updates of the critic, then one of
// the generator, by default on the last fakes.
// Where a network needs a reference, every pass through it begins with the reference's rows: for the critic fixed real examples, for
// the generator fixed latents.  They move through the layers with the others, and play no part in the game.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "game/game.h"
#include "train/players.h"

namespace fgan {

struct StepOptions {
  GameOptions game;
  std::int64_t batch = 64;
  std::uint64_t seed = 1;
  DType data_type = DType::u8;  // of real examples: pixels, or numbers as they are
  bool mirror = false;          // pixels: each example with probability 1/2
};

// The parts of a step, in the order in which a rule runs them.
enum class Phase { critic_gradient, generator_gradient, critic_update, generator_update };

class GanStep {
 public:
  GanStep(Device& device, Players& players, const StepOptions& options);
  GanStep(const GanStep&) = delete;  // its recordings know its address
  GanStep& operator=(const GanStep&) = delete;

  // Real examples of the next critic update go here ([batch, h, w, c] of the data type), by device.upload.
  Tensor staging() const;
  std::int64_t batches() const { return single() ? 1 : options_.game.critic_steps; }  // real batches a step consumes

  // Enqueues one step.  feed() is called before each critic update and fills staging().
  void run(const std::function<void()>& feed);
  // The same arithmetic phase by phase, for observers: done(phase) may download what the phase left behind.
  void run_observed(const std::function<void()>& feed, const std::function<void(Phase)>& done);

  const math::GameSpec& game() const { return game_; }
  const ArenaPlan& memory_plan() const { return plan_; }  // of what the passes of a step hold
  std::vector<Work> work() const;                         // of one step on a GPU, in order; empty on other devices

  // Real examples that are the critic's reference, once before the first step: as staging().  Null where it needs none.
  Tensor critic_reference() const;

  // What a step leaves in device memory.
  Tensor real() const { return critic_tape_.input().rows(critic_reference_, options_.batch); }
  Tensor fake() const { return critic_tape_.input().rows(critic_fakes().first, options_.batch); }
  Tensor latent() const { return generator_tape_.input().rows(generator_reference_, options_.batch); }
  Tensor critic_reference_input() const { return critic_tape_.input().rows(0, critic_reference_); }
  Tensor generator_reference_input() const { return generator_tape_.input().rows(0, generator_reference_); }
  Tensor critic_v() const { return critic_tape_.output().rows(critic_reference_, 2 * options_.batch); }            // real, fake
  Tensor critic_dv() const { return critic_tape_.output_gradient().rows(critic_reference_, 2 * options_.batch); }  // after critic_gradient
  Tensor generator_v() const;  // [batch]: of the fakes the generator answers for
  Tensor generator_dv() const { return generator_dv_.rows(generator_dv_.shape.n - options_.batch, options_.batch); }
  Tensor critic_statistics() const { return observed(0); }
  Tensor generator_statistics() const;
  // Counters a recording advances, i64[1] each: batches of noise drawn, rows capped so far.
  Tensor draws() const { return {counters_->data(), Shape{}, DType::i64}; }
  Tensor capped() const { return {static_cast<std::int64_t*>(counters_->data()) + 1, Shape{}, DType::i64}; }

 private:
  bool single() const { return options_.game.rule == Rule::single_step; }
  // Both players want gradients, and the generator's by v on the fakes is the critic's: one backward serves both.
  bool shared_backward() const { return single() && descends_the_bound(game_) && critic_learns() && generator_learns(); }
  bool critic_learns() const { return !players_.critic_optimizer().frozen(); }
  bool generator_learns() const { return !players_.generator_optimizer().frozen(); }
  Tensor observed(std::int64_t which) const;  // statistics of the critic's game (0), of the answer (1)
  Rows critic_fakes() const { return {critic_reference_ + options_.batch, options_.batch}; }  // of the critic's tape
  Place critic_fakes_place() const;
  // The critic's output and the gradient by it are f32: the game is played with them.
  TapeTypes critic_types() const { return {device_.activations(), DType::f32}; }
  TapeTypes generator_types() const { return {device_.activations(), device_.activations()}; }
  void plan_memory();
  void prepare_ops();
  void record();

  void fill_noise(Queue& queue, math::Purpose purpose, Out counter, std::int64_t advance, Out latent);
  void to_numbers(Queue& queue, const math::Augmentation& how, In examples, Out numbers);
  void draw_fakes(Queue& queue);
  void show_answering_critic(Queue& queue);
  void back_through_critic(Queue& queue);
  void back_through_generator(Queue& queue);
  void critic_gradient(Queue& queue);
  void generator_gradient(Queue& queue);
  void critic_update(Queue& queue);
  void generator_update(Queue& queue);

  Pass critic_pass(Queue& queue, bool parameter_gradients) const;  // real and fake rows
  Pass answer_pass(Queue& queue) const;  // what the critic says to the generator: fake rows only, its parameters left alone
  Pass generator_pass(Queue& queue, bool parameter_gradients) const;
  DropoutMasks masks(math::Purpose purpose, std::int64_t first_row) const;

  Device& device_;
  Players& players_;
  StepOptions options_;
  math::GameSpec game_;
  std::int64_t critic_reference_, generator_reference_;  // rows
  std::vector<RowGroup> both_, fakes_, generated_;       // of the critic's, the answering critic's and the generator's passes
  ArenaPlan plan_;
  Tape critic_tape_;                 // rows: reference, real, fake
  Tape generator_tape_;              // writes its images into the critic's fake rows, by itself where it has no reference
  std::optional<Tape> answer_tape_;  // alternating: the updated critic on the fakes alone
  std::unique_ptr<Buffer> arena_, staging_, reference_, statistics_, counters_, dv_;
  std::unique_ptr<Buffer> zeros_;  // gradients by the generator's reference images
  Tensor generator_dv_;            // single-step: of all rows, 0 on real ones
  std::unique_ptr<Recording> whole_, critic_part_, generator_part_;
};

}  // namespace fgan
