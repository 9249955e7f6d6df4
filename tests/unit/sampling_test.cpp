// An image depends on its latent alone; state goes to the disk and back unchanged.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "device/device.h"
#include "train/checkpoint.h"
#include "train/sampling.h"
#include "train/state.h"
#include "train/stop.h"

namespace fgan {
namespace {

struct Drawing {
  std::unique_ptr<Device> device;
  std::unique_ptr<Players> players;
  std::unique_ptr<Sampling> sampling;

  // The device is the best there is unless named.
  Drawing(const std::string& name, Architecture architecture, double average = 0, std::uint64_t seed = 1,
          Normalization normalization = Normalization::automatic, bool dequantised = false)
      : device(make_device({.name = name, .threads = 2})) {
    PlayersOptions options;
    options.generator.model.architecture = options.critic.model.architecture = architecture;
    options.generator.model.width = options.critic.model.width = 8;
    options.generator.model.normalization = normalization;
    options.batch = 9;
    options.latent.latent = 10;
    options.average = average;
    options.dequantised = dequantised;
    players = std::make_unique<Players>(*device, options, Shape{1, 28, 28, 1}, Players::Use::sampling);
    players->generator().params().initialize(*device, seed, 0);
    sampling = std::make_unique<Sampling>(*device, *players, 1, 1);
    sampling->calibrate();
  }
};

std::vector<float> latents(std::int64_t count) {
  std::vector<float> z(static_cast<std::size_t>(count * 10));
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = math::normal(4, math::Purpose::bench, 0, 0, static_cast<std::uint32_t>(i));
  return z;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("one latent gives the same bytes alone, in a batch, and in any place of it") {
    for (const char* device : {"auto", "naive"})
      for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan}) {
        Drawing drawing(device, architecture);
        const std::vector<float> z = latents(7), one(z.begin() + 30, z.begin() + 40);
        const std::vector<float> all = drawing.sampling->draw_at(z), alone = drawing.sampling->draw_at(one);
        REQUIRE(alone.size() == 784);
        CAPTURE(device);
        CHECK(std::memcmp(alone.data(), all.data() + 3 * 784, 784 * sizeof(float)) == 0);
      }
  }

  TEST_CASE("behind a reference an image depends on its latent alone, nothing is calibrated, and the reference has a seed of its own") {
    for (const char* device : {"auto", "naive"})
      for (const Normalization normalization : {Normalization::virtual_batch, Normalization::reference_batch})
        for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan}) {
          Drawing drawing(device, architecture, 0, 1, normalization);
          CHECK(drawing.sampling->moments().empty());
          const std::vector<float> z = latents(7), one(z.begin() + 30, z.begin() + 40);
          const std::vector<float> all = drawing.sampling->draw_at(z), alone = drawing.sampling->draw_at(one);
          CHECK(std::memcmp(alone.data(), all.data() + 3 * 784, 784 * sizeof(float)) == 0);
          const std::vector<float> range = drawing.sampling->draw(60, 10), sixth = drawing.sampling->draw(66, 1);
          CHECK(std::memcmp(sixth.data(), range.data() + 6 * 784, 784 * sizeof(float)) == 0);
          Sampling other_reference(*drawing.device, *drawing.players, 1, 2);
          CHECK(other_reference.draw_at(one) != alone);
        }
  }

  TEST_CASE("sample number n is the same whichever range it is drawn in, and others differ") {
    Drawing drawing("auto", Architecture::dcgan);
    const std::vector<float> range = drawing.sampling->draw(60, 10), one = drawing.sampling->draw(66, 1),
                             other = drawing.sampling->draw(67, 1);
    CHECK(std::memcmp(one.data(), range.data() + 6 * 784, 784 * sizeof(float)) == 0);
    CHECK(one != other);
  }

  TEST_CASE("pixels are the values drawn, rounded, whichever range they are drawn in") {
    Drawing drawing("auto", Architecture::dcgan);
    const std::vector<float> values = drawing.sampling->draw(60, 10);
    const std::vector<std::uint8_t> pixels = drawing.sampling->draw_pixels(60, 10);
    REQUIRE(pixels.size() == values.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) REQUIRE(std::abs(pixels[i] - (values[i] + 1) * 127.5f) <= 0.501f);
  }

  TEST_CASE("numbers that are not finite are counted when they are drawn, as pixels too") {
    Drawing drawing("auto", Architecture::mlp, 0, 1, Normalization::none);
    drawing.sampling->draw(0, 70);
    CHECK(drawing.sampling->not_finite() == 0);
    ParamStore& params = drawing.players->generator().params();
    const Tensor last = params.tensor(Block::weights, static_cast<int>(params.parameters().size()) - 1);  // a bias for each pixel
    const float nan = std::nanf("");
    drawing.device->upload(last.data, &nan, sizeof nan);
    drawing.sampling->draw(0, 3);
    CHECK(drawing.sampling->not_finite() == 3);
    drawing.sampling->draw_pixels(0, 70);
    CHECK(drawing.sampling->not_finite() == 73);
  }

  TEST_CASE("of a run on dequantised data the pixels are the cells of the values drawn") {
    Drawing drawing("auto", Architecture::dcgan, 0, 1, Normalization::automatic, true);
    const std::vector<float> values = drawing.sampling->draw(60, 10);
    const std::vector<std::uint8_t> pixels = drawing.sampling->draw_pixels(60, 10);
    for (std::size_t i = 0; i < pixels.size(); ++i) REQUIRE(pixels[i] == static_cast<int>(std::min(255.0f, (values[i] + 1) * 128)));
  }

  TEST_CASE("statistics of the calibration batch go through a file, and missing ones are named") {
    Drawing trained("auto", Architecture::dcgan), loaded("auto", Architecture::dcgan);
    SafeTensors file{{}, trained.sampling->moments()};
    CHECK(file.tensors.size() == 4);  // mean and variance of the two normalisations of a generator for 28 pixels
    loaded.sampling->set_moments(file);
    CHECK(trained.sampling->draw(0, 2) == loaded.sampling->draw(0, 2));
    file.tensors.pop_back();
    CHECK_THROWS_WITH_AS(loaded.sampling->set_moments(file), doctest::Contains("running_var"), Error);
  }

  TEST_CASE("state restored from a file equals the state that was stored; another shape is refused") {
    Drawing a("naive", Architecture::dcgan, 0.5), b("naive", Architecture::dcgan, 0.5, /*seed=*/2);
    const SafeTensors file{{}, store(*a.device, sampling_state(*a.players))};
    const auto bytes = [](Drawing& d) { return store(*d.device, sampling_state(*d.players)); };
    CHECK(bytes(a)[0].bytes != bytes(b)[0].bytes);
    restore(*b.device, sampling_state(*b.players), file);
    for (std::size_t i = 0; i < file.tensors.size(); ++i) CHECK(bytes(b)[i].bytes == file.tensors[i].bytes);
    Drawing c("naive", Architecture::mlp, 0.5);
    CHECK_THROWS_AS(restore(*c.device, sampling_state(*c.players), file), Error);
  }

  TEST_CASE("a checkpoint's header goes through metadata unchanged") {
    const CheckpointHeader header{
        12, Shape{1, 28, 28, 3}, DType::u8, 2, "avx2", {{"game.divergence", "kl"}, {"train.batch", "64"}}, "89ab", "0123"};
    SafeTensors file{to_metadata(header), {}};
    const CheckpointHeader back = header_of(file);
    CHECK(back.step == 12);
    CHECK(back.data_shape == header.data_shape);
    CHECK(back.settings == header.settings);
    CHECK(back.threads == 2);
    CHECK(back.data == "89ab");
    CHECK(back.initial_weights == "0123");
    file.metadata["step"] = "12x";
    CHECK_THROWS_AS(header_of(file), Error);
    file.metadata.erase("step");
    CHECK_THROWS_AS(header_of(file), Error);
    file.metadata["step"] = "12";
    file.metadata["data.height"] = "99999999999";
    CHECK_THROWS_AS(header_of(file), Error);
  }

  TEST_CASE("times are read as people write them, and others are refused") {
    using std::chrono::seconds;
    CHECK_FALSE(parse_duration(""));
    CHECK(parse_duration("45") == seconds(45));
    CHECK(parse_duration("90s") == seconds(90));
    CHECK(parse_duration("15m") == seconds(900));
    CHECK(parse_duration("1h30m") == seconds(5400));
    for (const char* wrong : {"h", "1d", "-5", "1h30", "5 m", "1.5h", "99999999999h"}) CHECK_THROWS_AS(parse_duration(wrong), Error);
  }
}

}  // namespace fgan
