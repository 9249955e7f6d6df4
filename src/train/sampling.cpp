#include "train/sampling.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "train/state.h"
#include "train/stop.h"

namespace fgan {

Sampling::Sampling(Device& device, Players& players, std::uint64_t seed, std::uint64_t reference_seed)
    : device_(device),
      players_(players),
      seed_(seed),
      reference_seed_(reference_seed),
      groups_(behind_reference(players.generator_reference(), kRows, {Role::fake})),
      tape_(players.generator(), players.generator_reference() + kRows, static_cast<int>(groups_.size()), plan_),
      calibration_tape_(players.generator(), kCalibrationRows, 1, calibration_plan_) {
  int tick = 0, calibration_tick = 0;
  tape_.plan_forward(plan_, tick);
  tape_.keep_moments(plan_);
  plan_.keep(tape_.output_place().slot);
  plan_.solve();
  calibration_tape_.plan_forward(calibration_plan_, calibration_tick);
  calibration_tape_.keep_moments(calibration_plan_);
  calibration_plan_.solve();
  prepare(device.ops(), players.generator(), tape_.rows(), {});
  prepare(device.ops(), players.generator(), kCalibrationRows, {});
  arena_ = device.allocate(std::max(plan_.bytes(), calibration_plan_.bytes()));  // one after the other
  counter_ = device.allocate(sizeof(std::int64_t));
  pixels_ = device.allocate(static_cast<std::size_t>(kRows * players.data_shape().example()));
  tape_.bind(plan_, static_cast<std::byte*>(arena_->data()));
  calibration_tape_.bind(calibration_plan_, static_cast<std::byte*>(arena_->data()));
  const auto& layers = players.generator().layers();
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (const std::string name = layers[i]->moment_name(); !name.empty())
      moments_.push_back({i, name, std::vector<float>(static_cast<std::size_t>(2 * layers[i]->moment_channels()))});
}

void Sampling::fill_noise(math::Purpose purpose, std::uint64_t seed, std::int64_t chunk, Out latent) {
  const bool normal = players_.resolved_options().latent.noise == LatentNoise::normal;
  device_.upload(counter_->data(), &chunk, sizeof chunk);
  device_.ops().noise(device_.queue(), normal ? Ops::Noise::normal : Ops::Noise::uniform, seed, purpose,
                      {counter_->data(), Shape{}, DType::i64}, 0, latent);
}

void Sampling::calibrate() {
  if (moments_.empty()) return;
  fill_noise(math::Purpose::calibration, seed_, 0, calibration_tape_.input());
  const RowGroup group{0, kCalibrationRows, Role::fake};
  forward({.queue = device_.queue(), .ops = device_.ops(), .groups = {&group, 1}, .weights = players_.sampled_weights()},
          calibration_tape_);
  for (LayerMoments& m : moments_)
    device_.download(m.values.data(), calibration_tape_.moments(m.layer).data, m.values.size() * sizeof(float));
}

void Sampling::upload_moments() {
  for (const LayerMoments& m : moments_) device_.upload(tape_.moments(m.layer).data, m.values.data(), m.values.size() * sizeof(float));
}

std::vector<StoredTensor> Sampling::moments() const {
  std::vector<StoredTensor> stored;
  for (const LayerMoments& m : moments_) {
    const std::size_t half = m.values.size() / 2, bytes = half * sizeof(float);
    const auto* data = reinterpret_cast<const std::byte*>(m.values.data());
    const std::vector<std::int64_t> dims{static_cast<std::int64_t>(half)};
    stored.push_back({"generator." + m.name + ".running_mean", DType::f32, dims, {data, data + bytes}});
    stored.push_back({"generator." + m.name + ".running_var", DType::f32, dims, {data + bytes, data + 2 * bytes}});
  }
  return stored;
}

void Sampling::set_moments(const SafeTensors& from) {
  for (LayerMoments& m : moments_) {
    const std::size_t bytes = m.values.size() / 2 * sizeof(float);
    auto* target = reinterpret_cast<std::byte*>(m.values.data());
    for (const char* which : {".running_mean", ".running_var"}) {
      const std::string name = "generator." + m.name + which;
      const StoredTensor* stored = from.find(name);
      if (!stored || stored->dtype != DType::f32 || stored->bytes.size() != bytes)
        fail(Exit::data, "the checkpoint has no tensor {} of {} numbers", name, bytes / sizeof(float));
      std::memcpy(target, stored->bytes.data(), bytes);
      target += bytes;
    }
  }
}

void Sampling::run_chunks(std::int64_t count, const Fill& fill, const Take& take) {
  upload_moments();
  const std::int64_t reference = players_.generator_reference();
  const Pass pass{.queue = device_.queue(),
                  .ops = device_.ops(),
                  .groups = groups_,
                  .weights = players_.sampled_weights(),
                  .statistics = Statistics::given};
  for (std::int64_t done = 0; done < count; done += kRows) {
    throw_if_stopping();
    if (reference > 0) fill_noise(math::Purpose::reference_latent, reference_seed_, 0, tape_.input().rows(0, reference));
    fill(done);
    forward(pass, tape_);
    const std::int64_t rows = std::min(kRows, count - done);
    take(done, rows);
    drawn_.resize(static_cast<std::size_t>(rows * players_.data_shape().example()));
    device_.download(drawn_.data(), sample_rows().data, drawn_.size() * sizeof(float));
    not_finite_ += count_not_finite(drawn_);
  }
}

// Chunks of kRows numbers share a counter: begins at a whole one.
void Sampling::run_numbered(std::int64_t first, std::int64_t count, const Take& take) {
  const std::int64_t chunk = first / kRows, skip = first % kRows;
  run_chunks(
      skip + count, [&](std::int64_t done) { fill_noise(math::Purpose::sample_latent, seed_, chunk + done / kRows, latent_rows()); }, take);
}

template <class T>
Sampling::Take Sampling::into(std::vector<T>& all, const Tensor& rows) {
  return [this, &all, rows](std::int64_t done, std::int64_t count) {
    const std::int64_t example = players_.data_shape().example();
    device_.download(all.data() + done * example, rows.data, static_cast<std::size_t>(count * example) * sizeof(T));
  };
}

std::vector<float> Sampling::draw(std::int64_t first, std::int64_t count) {
  const std::int64_t example = players_.data_shape().example(), skip = first % kRows;
  std::vector<float> values(static_cast<std::size_t>((skip + count) * example));
  run_numbered(first, count, into(values, sample_rows()));
  values.erase(values.begin(), values.begin() + skip * example);
  return values;
}

std::vector<std::uint8_t> Sampling::draw_pixels(std::int64_t first, std::int64_t count) {
  const std::int64_t example = players_.data_shape().example(), skip = first % kRows;
  std::vector<std::uint8_t> values(static_cast<std::size_t>((skip + count) * example));
  const Tensor pixels{pixels_->data(), sample_rows().shape, DType::u8};
  const math::PixelRange range = players_.pixel_range();
  const Take download = into(values, pixels);
  run_numbered(first, count, [&](std::int64_t done, std::int64_t rows) {
    device_.ops().pixels_out(device_.queue(), range, sample_rows(), pixels);
    download(done, rows);
  });
  values.erase(values.begin(), values.begin() + skip * example);
  return values;
}

std::vector<float> Sampling::draw_at(std::span<const float> latents) {
  const auto width = static_cast<std::size_t>(latent_rows().shape.example());
  FGAN_CHECK(latents.size() % width == 0, "{} numbers are no whole latents of {}", latents.size(), width);
  const auto count = static_cast<std::int64_t>(latents.size() / width);
  std::vector<float> chunk(static_cast<std::size_t>(kRows) * width),
      values(static_cast<std::size_t>(count * players_.data_shape().example()));
  const Fill upload = [&](std::int64_t done) {
    const auto rest = latents.subspan(static_cast<std::size_t>(done) * width);
    std::fill(chunk.begin(), chunk.end(), 0.0f);
    std::copy_n(rest.begin(), std::min(rest.size(), chunk.size()), chunk.begin());
    device_.upload(latent_rows().data, chunk.data(), chunk.size() * sizeof(float));
  };
  run_chunks(count, upload, into(values, sample_rows()));
  return values;
}

}  // namespace fgan
