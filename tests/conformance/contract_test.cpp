// What the interface promises beyond numbers: preparation, recordings, skipped updates, noise by its definition, errors.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "conformance/devices.h"
#include "conformance/run_case.h"

using namespace fgan;
using namespace fgan::conformance;

namespace {

// A tensor in device memory with what a test puts in and reads back.
template <class T>
struct Held {
  Guarded memory;
  Held(Device& device, const std::vector<T>& values, DType type)
      : memory(device, {nullptr, {1, 1, 1, static_cast<std::int64_t>(values.size())}, type}) {
    memory.set(values.data());
  }
  std::vector<T> get() const {
    const Bytes bytes = memory.get();
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  Tensor tensor() const { return memory.tensor(); }
};

using Floats = Held<float>;
using Counters = Held<std::int64_t>;

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a convolution or dense layer that was not prepared is a broken contract") {
    const OpCase conv = conv_cases().front(), linear = linear_cases()[3];  // of more outputs than one, for which a GPU prepares nothing
    for (const auto& device : devices()) {
      if (device->isa() == "naive") continue;  // has nothing to prepare
      for (OpCase c : {conv, linear}) {
        c.prepare = [](Ops&, DType) {};
        CHECK_THROWS_AS(run(*device, c), std::logic_error);
      }
      run(*device, conv);  // prepared now: forward only
      OpCase other_pass = conv_cases()[1];
      other_pass.prepare = [](Ops&, DType) {};
      CHECK_THROWS_AS(run(*device, other_pass), std::logic_error);
    }
  }

  TEST_CASE("replaying a recording k times equals k eager calls") {
    for (const auto& device : devices()) {
      math::OptimizerSpec spec;
      spec.average_decay = 0.9;
      const std::vector<float> w{1, -2, 3}, zero(3);
      const auto train = [&](bool recorded) {
        Floats weights(*device, w, DType::f32), gradient(*device, zero, DType::f32), first(*device, zero, DType::f32),
            second(*device, zero, DType::f32), average(*device, w, DType::f32);
        Counters counters(*device, {0, 0, 0, 0}, DType::i64), step(*device, {5}, DType::i64);
        const auto work = [&](Queue& q) {
          Ops& ops = device->ops();
          ops.noise(q, Ops::Noise::normal, 3, math::Purpose::bench, step.tensor(), 1, gradient.tensor());
          ops.optimizer_step(q, spec, {weights.tensor(), gradient.tensor(), first.tensor(), second.tensor(), average.tensor()},
                             counters.tensor());
        };
        const auto recording = device->record(work);
        CHECK(counters.get()[0] == 0);  // recording alone does nothing
        for (int k = 0; k < 5; ++k) recorded ? recording->replay() : work(device->queue());
        device->queue().wait();
        CHECK(counters.get()[0] == 5);
        return std::pair(weights.get(), average.get());
      };
      CHECK(train(true) == train(false));
    }
  }

  TEST_CASE("an update with a gradient whose square is not finite changes nothing but the counts of skipped ones") {
    const float huge = 2e19f, inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    for (const auto& device : devices())
      for (float bad : {huge, inf, -inf, nan})
        for (std::size_t place : {std::size_t{0}, std::size_t{20000}, std::size_t{20010}}) {
          std::vector<float> g(20011, 0.5f), w(g.size(), 1), m(g.size(), 0.25f), s(g.size(), 2), a(g.size(), 3);
          g[place] = bad;
          Floats weights(*device, w, DType::f32), gradient(*device, g, DType::f32), first(*device, m, DType::f32),
              second(*device, s, DType::f32), average(*device, a, DType::f32);
          Counters counters(*device, {4, 2, 0, 0}, DType::i64);
          math::OptimizerSpec spec;
          spec.average_decay = 0.9;
          const auto update = [&] {
            device->ops().optimizer_step(device->queue(), spec,
                                         {weights.tensor(), gradient.tensor(), first.tensor(), second.tensor(), average.tensor()},
                                         counters.tensor());
          };
          update();
          update();
          CHECK(weights.get() == w);
          CHECK(first.get() == m);
          CHECK(second.get() == s);
          CHECK(average.get() == a);
          CHECK(counters.get() == std::vector<std::int64_t>{4, 4, 0, 2});
          g[place] = 0.5f;
          gradient.memory.set(g.data());
          update();
          CHECK(counters.get() == std::vector<std::int64_t>{5, 4, 0, 0});
        }
  }

  TEST_CASE("Adam follows the formulas of its paper over several updates") {
    for (const auto& device : devices()) {
      math::OptimizerSpec spec;
      spec.schedule.rate = 0.1;
      spec.average_decay = 0.5;
      Floats weights(*device, {1.0f}, DType::f32), gradient(*device, {0.0f}, DType::f32), first(*device, {0.0f}, DType::f32),
          second(*device, {0.0f}, DType::f32), average(*device, {1.0f}, DType::f32);
      Counters counters(*device, {0, 0, 0, 0}, DType::i64);
      double w = 1, m = 0, v = 0, mean = 1;
      for (int t = 1; t <= 20; ++t) {
        const auto g = static_cast<float>(w - 0.3 * t);
        gradient.memory.set(&g);
        device->ops().optimizer_step(device->queue(), spec,
                                     {weights.tensor(), gradient.tensor(), first.tensor(), second.tensor(), average.tensor()},
                                     counters.tensor());
        m = 0.5 * m + 0.5 * g;
        v = 0.999 * v + 0.001 * g * g;
        w -= 0.1 * (m / (1 - std::pow(0.5, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
        mean = 0.5 * mean + 0.5 * w;
        // each update rounds a few numbers of size up to 3 in f32
        CHECK(weights.get()[0] == doctest::Approx(w).epsilon(1e-6 * t));
        CHECK(average.get()[0] == doctest::Approx(mean).epsilon(1e-6 * t));
      }
    }
  }

  TEST_CASE("RMSProp follows its formulas over several updates, with and without momentum") {
    for (const auto& device : devices())
      for (const double momentum : {0.0, 0.9}) {
        math::OptimizerSpec spec;
        spec.kind = math::OptimizerKind::rmsprop;
        spec.schedule.rate = 0.01;
        spec.rms_decay = 0.9;
        spec.epsilon = 1e-3;
        spec.momentum = momentum;
        Floats weights(*device, {1.0f}, DType::f32), gradient(*device, {0.0f}, DType::f32), velocity(*device, {0.0f}, DType::f32),
            square(*device, {0.0f}, DType::f32);
        Counters counters(*device, {0, 0, 0, 0}, DType::i64);
        double w = 1, m = 0, v = 0;
        for (int t = 1; t <= 20; ++t) {
          const auto g = static_cast<float>(w - 0.3 * t);
          gradient.memory.set(&g);
          device->ops().optimizer_step(device->queue(), spec, {weights.tensor(), gradient.tensor(), velocity.tensor(), square.tensor(), {}},
                                       counters.tensor());
          v = 0.9 * v + 0.1 * g * g;
          m = momentum * m + g / (std::sqrt(v) + 1e-3);
          w -= 0.01 * m;
          // each update rounds a few numbers of size up to 3, and the velocity of size up to 20, in f32
          CHECK(weights.get()[0] == doctest::Approx(w).epsilon(1e-6 * t));
          CHECK(velocity.get()[0] == doctest::Approx(m).epsilon(1e-6 * t));
          CHECK(square.get()[0] == doctest::Approx(v).epsilon(1e-6 * t));
        }
      }
  }

  TEST_CASE("noise is the function of seed, purpose, step, row and element that math/philox defines") {
    for (const auto& device : devices()) {
      Counters step(*device, {(std::int64_t{1} << 33) + 9}, DType::i64);
      Guarded normal(*device, {nullptr, {33, 1, 1, 31}, DType::f32}), uniform(*device, {nullptr, {33, 1, 1, 31}, DType::f32});
      device->ops().noise(device->queue(), Ops::Noise::normal, 5, math::Purpose::latent, step.tensor(), 0, normal.tensor());
      device->ops().noise(device->queue(), Ops::Noise::uniform, 5, math::Purpose::latent, step.tensor(), 0, uniform.tensor());
      const Bytes n = normal.get(), u = uniform.get();
      int different = 0;
      for (std::uint32_t row = 0; row < 33; ++row)
        for (std::uint32_t e = 0; e < 31; ++e) {
          const std::uint64_t at = (std::uint64_t{1} << 33) + 9;
          different += as_floats(n)[row * 31 + e] != math::normal(5, math::Purpose::latent, at, row, e);
          different += as_floats(u)[row * 31 + e] != 2 * math::uniform(5, math::Purpose::latent, at, row, e) - 1;
        }
      CHECK(different == 0);
    }
  }

  TEST_CASE("dropout is the function of seed, purpose, step, row and element that math/dropout defines, and keeps the mean") {
    const std::int64_t rows = 300, width = 333;
    for (const auto& device : devices())
      for (const float rate : {0.1f, 0.5f, 0.9f}) {
        Counters step(*device, {(std::int64_t{1} << 33) + 9}, DType::i64);
        Guarded ones(*device, {nullptr, {rows, 1, 1, width}, DType::f32}), y(*device, {nullptr, {rows, 1, 1, width}, DType::f32});
        const std::vector<float> values(static_cast<std::size_t>(rows * width), 1.0f);
        ones.set(values.data());
        const math::DropoutSpec spec{
            .rate = rate, .seed = 5, .purpose = math::Purpose::generator_dropout, .first_row = 64, .first_element = 40};
        device->ops().dropout(device->queue(), spec, step.tensor(), ones.tensor(), y.tensor());
        const Bytes bytes = y.get();
        const float kept = 1 / (1 - rate);
        std::int64_t zeros = 0, wrong = 0;
        for (std::int64_t i = 0; i < rows * width; ++i) {
          const float found = as_floats(bytes)[static_cast<std::size_t>(i)];
          const float u = math::uniform(5, math::Purpose::generator_dropout, (std::uint64_t{1} << 33) + 9,
                                        static_cast<std::uint32_t>(64 + i / width), static_cast<std::uint32_t>(40 + i % width));
          wrong += found != (u < rate ? 0.0f : kept);
          zeros += found == 0;
        }
        CHECK(wrong == 0);
        const double count = static_cast<double>(rows * width), share = static_cast<double>(zeros) / count, p = static_cast<double>(rate);
        CHECK(std::abs(share - p) < 4 * std::sqrt(p * (1 - p) / count));  // of a binomial share, four deviations
      }
  }

  TEST_CASE("dropout of some rows is their part of the dropout of all, and what is not a number stays none") {
    for (const auto& device : devices()) {
      Counters step(*device, {9}, DType::i64);
      const Shape all{6, 3, 3, 5};
      const std::vector<float> x(static_cast<std::size_t>(all.count()), std::numeric_limits<float>::quiet_NaN());
      Guarded from(*device, {nullptr, all, DType::f32}), whole(*device, {nullptr, all, DType::f32}),
          parts(*device, {nullptr, all, DType::f32});
      const Bytes start = initial_bytes(input(all), 0);
      from.set(start.data());
      math::DropoutSpec spec{.rate = 0.4f, .seed = 1};
      device->ops().dropout(device->queue(), spec, step.tensor(), from.tensor(), whole.tensor());
      for (const std::int64_t first : {0, 2}) {
        const std::int64_t count = first == 0 ? 2 : 4;
        spec.first_row = static_cast<std::uint32_t>(first);
        device->ops().dropout(device->queue(), spec, step.tensor(), from.tensor().rows(first, count), parts.tensor().rows(first, count));
      }
      CHECK(whole.get() == parts.get());
      from.set(x.data());
      device->ops().dropout(device->queue(), spec, step.tensor(), from.tensor(), whole.tensor());
      const Bytes result = whole.get();
      for (const float y : as_floats(result)) CHECK(std::isnan(y));
    }
  }

  TEST_CASE("bytes become numbers and the same bytes again") {
    for (const auto& device : devices()) {
      std::vector<std::uint8_t> bytes(256);
      for (int i = 0; i < 256; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
      Held<std::uint8_t> in(*device, bytes, DType::u8), out(*device, std::vector<std::uint8_t>(256), DType::u8);
      Floats x(*device, std::vector<float>(256), DType::f32);
      device->ops().pixels_in(device->queue(), math::exact_range(-1, 1), {}, {}, in.tensor(), x.tensor());
      device->ops().pixels_out(device->queue(), math::exact_range(-1, 1), x.tensor(), out.tensor());
      CHECK(out.get() == bytes);
      CHECK(x.get().front() == -1.0f);
      CHECK(x.get().back() == doctest::Approx(1.0).epsilon(1e-6));
    }
  }

  TEST_CASE("an augmented example is its bytes or their mirror image, with noise that the way back takes off, the same for the same step") {
    const Shape s{64, 3, 5, 3};
    const math::PixelRange range = math::dequantised_range(-1, 1);
    const math::Augmentation how{.mirror = true, .dequantise = true, .seed = 9};
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(s.count()));
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + i / 256);
    for (const auto& device : devices()) {
      Held<std::uint8_t> in(*device, bytes, DType::u8), out(*device, std::vector<std::uint8_t>(bytes.size()), DType::u8);
      Floats x(*device, std::vector<float>(bytes.size()), DType::f32);
      const auto pixels = in.tensor().reshaped(s), numbers = x.tensor().reshaped(s);
      std::vector<std::vector<float>> drawn;
      for (const std::int64_t at : {7, 8, 7}) {
        Counters step(*device, {at}, DType::i64);
        device->ops().pixels_in(device->queue(), range, how, step.tensor(), pixels, numbers);
        device->ops().pixels_out(device->queue(), range, numbers, out.tensor().reshaped(s));
        drawn.push_back(x.get());
        const std::vector<std::uint8_t> back = out.get();
        for (std::uint32_t row = 0; row < 64; ++row) {
          const bool mirror = math::is_mirrored(how.seed, static_cast<std::uint64_t>(at), row);
          for (std::uint32_t e = 0; e < 45; ++e)
            REQUIRE(back[row * 45 + e] == bytes[row * 45 + (mirror ? math::mirrored_element(e, 5, 3) : e)]);
        }
      }
      CHECK(drawn[0] == drawn[2]);
      std::size_t equal = 0;
      for (std::size_t i = 0; i < bytes.size(); ++i) equal += drawn[0][i] == drawn[1][i];
      CHECK(equal < 20);  // of 2880, where even equal bytes meet with probability 2^-16
    }
  }

  TEST_CASE("rows whose critic output is beyond what f32 can hold are counted and have no slope") {
    math::GameSpec spec;
    spec.critic = spec.generator = {math::DivergenceId::kl, math::Parametrization::paper, 0.5};
    const std::vector<RowGroup> groups{{0, 2, Role::real}, {2, 2, Role::fake}};
    for (const auto& device : devices()) {
      Floats v(*device, {0.5f, 1e6f, 1e6f, 1.0f}, DType::f32), dcritic(*device, std::vector<float>(4), DType::f32),
          dgenerator(*device, std::vector<float>(4), DType::f32), statistics(*device, std::vector<float>(10), DType::f32);
      Counters capped(*device, {40}, DType::i64);
      device->ops().game(device->queue(), spec, groups, v.tensor(), dcritic.tensor(), dgenerator.tensor(), statistics.tensor(),
                         capped.tensor());
      CHECK(capped.get()[0] == 42);
      CHECK(dcritic.get() == std::vector<float>{0.5f, 0, 0, -0.5f});
      CHECK(dgenerator.get() == std::vector<float>{0, 0, 0, -0.5f});
      // threshold 1: of the real rows 0.5 is below and 1e6 above; of the fake rows 1e6 is above and 1 is on the level, half a hit
      CHECK(statistics.get()[static_cast<std::size_t>(GameStat::true_positive)] == 0.5f);
      CHECK(statistics.get()[static_cast<std::size_t>(GameStat::true_negative)] == 0.25f);
    }
  }

  TEST_CASE("memory comes zeroed, and more than there is is refused in words") {
    for (const auto& device : devices()) {
      const auto buffer = device->allocate(5 << 20);
      Bytes bytes(buffer->bytes(), std::byte{1});
      device->download(bytes.data(), buffer->data(), bytes.size());
      CHECK(bytes == Bytes(bytes.size(), std::byte{0}));
      try {
        device->allocate(std::numeric_limits<std::size_t>::max() / 2);
        FAIL("an exabyte was granted");
      } catch (const Error& e) {
        CHECK(e.exit() == Exit::device);
      }
    }
  }

  TEST_CASE("batch statistics in place and gradients with given statistics are refused") {
    for (const auto& device : devices()) {
      const OpCase batch = normalize_cases().front();
      OpCase in_place = batch;
      in_place.operands[3] = result_over(0, batch.operands[0].shape, 1, 1);
      CHECK_THROWS_AS(run(*device, in_place), std::logic_error);
    }
  }

  TEST_CASE("with a reference, a row is normalised alike whatever stands beside it and wherever it stands") {
    const Shape s{9, 3, 5, 7};
    const std::vector<RowGroup> groups{{0, 4, Role::reference}, {4, 5, Role::fake}};
    for (const auto& device : devices())
      for (const Statistics statistics : {Statistics::reference, Statistics::virtual_batch}) {
        const auto normalized = [&](const std::vector<float>& x) {
          const Shape row{1, 1, 1, s.c}, sets{6, 2, 1, s.c};
          Guarded from(*device, {nullptr, s, DType::f32}), gain(*device, {nullptr, row, DType::f32}), to(*device, {nullptr, s, DType::f32}),
              moments(*device, {nullptr, sets, DType::f32});
          from.set(x.data());
          gain.set(initial_bytes(input(row), 3).data());
          device->ops().prepare_channels(s);
          device->ops().normalize(device->queue(), {.statistics = statistics}, groups, from.tensor(), gain.tensor(), gain.tensor(),
                                  to.tensor(), moments.tensor());
          const Bytes y = to.get();
          return std::vector<float>(as_floats(y).begin(), as_floats(y).end());
        };
        const Bytes noise = initial_bytes(input(s), 1);
        const std::vector<float> x(as_floats(noise).begin(), as_floats(noise).end()), y = normalized(x);
        std::vector<float> moved = x;
        const auto example = static_cast<std::ptrdiff_t>(s.example());
        std::copy_n(x.begin() + 5 * example, example, moved.begin() + 8 * example);  // row 5 also as row 8
        for (auto i = static_cast<std::size_t>(6 * example); i < static_cast<std::size_t>(8 * example); ++i) moved[i] = 100 * x[i] + 1;
        const std::vector<float> z = normalized(moved);
        CHECK(std::equal(y.begin(), y.begin() + 6 * example, z.begin()));
        CHECK(std::equal(y.begin() + 5 * example, y.begin() + 6 * example, z.begin() + 8 * example));
        CHECK(!std::equal(y.begin() + 6 * example, y.begin() + 8 * example, z.begin() + 6 * example));
      }
  }

  TEST_CASE("statistics of a reference without one are a broken contract") {
    for (const auto& device : devices())
      for (const Statistics statistics : {Statistics::reference, Statistics::virtual_batch}) {
        std::vector<float> x(12), moments(24);
        const Tensor rows{x.data(), {6, 1, 1, 1}, DType::f32}, one{x.data() + 6, {1, 1, 1, 1}, DType::f32};
        const Tensor to{moments.data() + 12, {6, 1, 1, 1}, DType::f32}, sets{moments.data(), {6, 2, 1, 1}, DType::f32};
        const std::vector<RowGroup> groups{{0, 3, Role::real}, {3, 3, Role::fake}};
        CHECK_THROWS_AS(device->ops().normalize(device->queue(), {.statistics = statistics}, groups, rows, one, one, to, sets),
                        std::logic_error);
      }
  }

  TEST_CASE("an unknown device is refused with the nearest name") {
    try {
      make_device({.name = "naiv"});
      FAIL("there is no device naiv");
    } catch (const Error& e) {
      CHECK(e.exit() == Exit::usage);
      CHECK(std::string(e.what()).find("'naive'") != std::string::npos);
    }
    CHECK(make_device({.name = "auto"})->description() != "");
  }
}
