// Drawing from the generator.  Batch statistics of one fixed calibration batch take the place of those of the batch at hand, so that an
// image depends on its latent alone; the network always runs on the same number of rows, so that it does not depend on its place either.
// A generator that needs a reference has it as the first rows of every run, its statistics those of the weights as they are: nothing is
// calibrated or stored.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tensor/safetensors.h"
#include "train/players.h"

namespace fgan {

class Sampling {
 public:
  static constexpr std::int64_t kRows = 64, kCalibrationRows = 128;

  // reference_seed: that of the training, which the generator's reference is a function of.
  Sampling(Device& device, Players& players, std::uint64_t seed, std::uint64_t reference_seed);

  // Measures the statistics with the weights as they are now.
  void calibrate();
  // The statistics as stored tensors, PyTorch's running_mean and running_var; and back (Error(data) when one is missing).
  std::vector<StoredTensor> moments() const;
  void set_moments(const SafeTensors& from);

  // Samples number first .. first + count - 1 at latents that are a function of (seed, number): values [count, h, w, c] as the critic
  // sees them.
  std::vector<float> draw(std::int64_t first, std::int64_t count);
  // The same for given latents [count, latent].
  std::vector<float> draw_at(std::span<const float> latents);
  // draw() as pixels.
  std::vector<std::uint8_t> draw_pixels(std::int64_t first, std::int64_t count);

  // Numbers drawn so far that were not finite: as pixels they are 0, or 255 where they are +infinity.
  std::int64_t not_finite() const { return not_finite_; }

 private:
  struct LayerMoments {
    std::size_t layer;
    std::string name;
    std::vector<float> values;  // mean, then variance
  };
  using Fill = std::function<void(std::int64_t done)>;                     // writes the latents of the rows from `done` on
  using Take = std::function<void(std::int64_t done, std::int64_t rows)>;  // takes what came of them
  void run_chunks(std::int64_t count, const Fill& fill, const Take& take);
  void run_numbered(std::int64_t first, std::int64_t count, const Take& take);
  template <class T>
  Take into(std::vector<T>& all, const Tensor& rows);  // downloads the chunk's rows to their place
  void fill_noise(math::Purpose purpose, std::uint64_t seed, std::int64_t chunk, Out latent);
  Tensor latent_rows() const { return tape_.input().rows(tape_.rows() - kRows, kRows); }  // behind those of the reference
  Tensor sample_rows() const { return tape_.output().rows(tape_.rows() - kRows, kRows); }
  void upload_moments();

  Device& device_;
  Players& players_;
  std::uint64_t seed_, reference_seed_;
  std::vector<RowGroup> groups_;
  ArenaPlan plan_, calibration_plan_;
  Tape tape_, calibration_tape_;
  std::unique_ptr<Buffer> arena_, counter_, pixels_;
  std::vector<LayerMoments> moments_;
  std::vector<float> drawn_;  // a chunk, to be looked at
  std::int64_t not_finite_ = 0;
};

}  // namespace fgan
