// One update over a flat block: the kernels under the shim against the oracle, and what a skipped update leaves alone.
#include "kernels/optimizer.h"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "device/naive/device.h"
#include "device/ops.h"
#include "shim/guarded.h"
#include "shim/orders.h"

using namespace fgan;
using namespace fgan::test;
using math::OptimizerKind, math::OptimizerSpec;

namespace {

struct NamedSpec {
  const char* name;
  OptimizerSpec spec;
};

std::vector<NamedSpec> optimizers() {
  OptimizerSpec adam, sgd, rmsprop;
  sgd.kind = OptimizerKind::sgd;
  rmsprop.kind = OptimizerKind::rmsprop;
  adam.schedule.rate = sgd.schedule.rate = rmsprop.schedule.rate = 0.01;
  adam.epsilon = rmsprop.epsilon = 1e-4;
  OptimizerSpec scheduled = adam, heavy = sgd, remembering = rmsprop, clipped = adam, hardly_clipped = sgd;
  scheduled.average_decay = 0.99;
  scheduled.ascend = true;
  scheduled.schedule = {math::ScheduleKind::cosine, 0.02, 5, 100, 0.1};
  heavy.momentum = 0.9;
  heavy.average_decay = 0.5;
  remembering.momentum = 0.9;
  remembering.rms_decay = 0.9;
  remembering.average_decay = 0.5;
  remembering.ascend = true;
  clipped.clip = 0.01;
  hardly_clipped.clip = 1e6;
  return {{"adam", adam},
          {"sgd", sgd},
          {"rmsprop", rmsprop},
          {"adam ascending with average and schedule", scheduled},
          {"sgd with momentum and average", heavy},
          {"rmsprop ascending with momentum and average", remembering},
          {"adam clipped", clipped},
          {"sgd whose gradient is shorter than the clip", hardly_clipped}};
}

using Counters = std::vector<std::int64_t>;

// All that an update may write.
struct State {
  std::vector<float> weights, first, second, average;
  Counters counters;
  std::vector<float> rounded_copy;

  bool operator==(const State& other) const {
    return weights == other.weights && first == other.first && second == other.second && average == other.average &&
           counters == other.counters && rounded_copy == other.rounded_copy;
  }
};

State initial(std::int64_t count, std::int64_t updates) {
  return {random_values(count, -1, 1, 1),
          random_values(count, -0.1, 0.1, 2),
          random_values(count, 0, 0.1, 3),
          random_values(count, -1, 1, 4),
          {updates, 2, 3, 4},
          std::vector<float>(static_cast<std::size_t>(count), 0.25f)};
}

State updated_by(Device& device, const OptimizerSpec& spec, State s, std::vector<float> gradient, const std::vector<Slice>& rounded = {}) {
  const auto tensor = [](std::vector<float>& values) { return Tensor{values.data(), {1, 1, 1, static_cast<std::int64_t>(values.size())}}; };
  device.ops().optimizer_step(device.queue(), spec,
                              {tensor(s.weights), tensor(gradient), tensor(s.first), tensor(s.second), tensor(s.average), {}, rounded},
                              {s.counters.data(), {1, 1, 1, static_cast<std::int64_t>(s.counters.size())}, DType::i64});
  return s;
}

State oracle(const OptimizerSpec& spec, const State& s, const std::vector<float>& gradient) {
  return updated_by(*make_naive_device(), spec, s, gradient);
}

// What a gradient becomes whose slices are rounded to bf16, and how it then lies in memory.
struct RoundedGradient {
  std::vector<Slice> slices;
  std::vector<float> numbers, memory;
};

RoundedGradient round_slices(const std::vector<float>& gradient, const std::vector<Slice>& slices) {
  RoundedGradient g{slices, gradient, gradient};
  for (const Slice& slice : slices)
    for (std::int64_t i = slice.first; i < slice.end; ++i) {
      const math::Bf16 half = math::to_bf16(gradient[static_cast<std::size_t>(i)]);
      g.numbers[static_cast<std::size_t>(i)] = math::to_float(half);
      std::memcpy(reinterpret_cast<std::byte*>(g.memory.data() + slice.first) + 2 * (i - slice.first), &half, sizeof half);
    }
  return g;
}

State kernel(const OptimizerSpec& spec, const State& s, const std::vector<float>& gradient, const std::vector<Slice>& rounded = {}) {
  const auto count = static_cast<std::int64_t>(gradient.size());
  Guarded<float> weights(s.weights), g(gradient), first(s.first), second(s.second), average(s.average);
  Numbers copy(kernels::Type::bf16, s.rounded_copy);
  Guarded<std::int64_t> counters(s.counters);
  const std::size_t bytes = kernels::optimizer_scratch(count);
  Guarded<unsigned char> scratch(static_cast<std::int64_t>(bytes));
  kernels::Gradient all{g.data()};
  for (std::size_t i = 0; i < rounded.size(); ++i) all.rounded[i] = {rounded[i].first, rounded[i].end};
  unsigned arrivals = 0;
  kernels::optimizer_step(nullptr, spec,
                          {count, weights.data(), all, first.data(), math::keeps_second(spec.kind) ? second.data() : nullptr,
                           average.data(), kernels::data_of<math::Bf16>(copy.array())},
                          counters.data(), {scratch.data(), bytes}, &arrivals);
  CHECK(arrivals == 0);
  CHECK((weights.intact() && g.intact() && first.intact() && second.intact() && average.intact() && copy.intact() && counters.intact() &&
         scratch.intact()));
  CHECK(difference(gradient, g.values()) == "");
  return {weights.values(), first.values(), second.values(), average.values(), counters.values(), copy.floats()};
}

void check(const NamedSpec& optimizer, std::int64_t count, std::int64_t updates, int orders) {
  INFO(optimizer.name, ", ", count, " weights, update ", updates);
  const State before = initial(count, updates);
  const auto gradient = random_values(count, -1, 1, 5);
  const State expected = oracle(optimizer.spec, before, gradient);
  const State found = in_orders(orders, [&] { return kernel(optimizer.spec, before, gradient); });
  // A handful of roundings; rmsprop's first moment is g / sqrt(second) up to 10.
  CHECK(difference(expected.weights, found.weights, 0, 4 * 0x1p-23) == "");
  CHECK(difference(expected.first, found.first, 4 * 0x1p-23, 4 * 0x1p-23) == "");
  CHECK(difference(expected.second, found.second, 4 * 0x1p-23, 0x1p-26) == "");
  CHECK(difference(expected.average, found.average, 0, 4 * 0x1p-23) == "");
  CHECK((expected.counters == found.counters));
  CHECK(difference(rounded(kernels::Type::bf16, found.weights), found.rounded_copy) == "");
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("the kernels of the optimisers agree with the oracle") {
    for (const NamedSpec& optimizer : optimizers())
      for (const std::int64_t count : {1, 3, 31, 33, 257, 20011})
        for (const std::int64_t updates : {0, 9, 5000}) check(optimizer, count, updates, 1);
  }

  TEST_CASE("an update is that of the cpu device to the byte where the gradient is not clipped") {
    for (const DeviceInfo& info : list_devices()) {
      if (info.name != "cpu" || !info.available) continue;
      const auto cpu = make_device({.name = "cpu", .threads = 1});
      for (const NamedSpec& optimizer : optimizers()) {
        if (optimizer.spec.clip > 0) continue;  // the two add up the norm in orders of their own
        INFO(optimizer.name);
        const State before = initial(20011, 9);
        const auto gradient = random_values(20011, -1, 1, 5);
        const State expected = updated_by(*cpu, optimizer.spec, before, gradient), found = kernel(optimizer.spec, before, gradient);
        CHECK((found.weights == expected.weights));
        CHECK((found.first == expected.first));
        CHECK((found.second == expected.second));
        CHECK((found.average == expected.average));
      }
    }
  }

  TEST_CASE("slices of the gradient in bf16 update as the same numbers in f32 do") {
    const auto naive = make_naive_device();
    for (const NamedSpec& optimizer : optimizers()) {
      INFO(optimizer.name);
      const State before = initial(1003, 9);
      const RoundedGradient g = round_slices(random_values(1003, -1, 1, 5), {{512, 992}, {0, 16}, {32, 256}});
      const State expected = kernel(optimizer.spec, before, g.numbers);
      CHECK((kernel(optimizer.spec, before, g.memory, g.slices) == expected));
      const State oracles = oracle(optimizer.spec, before, g.numbers);
      CHECK((updated_by(*naive, optimizer.spec, before, g.memory, g.slices) == oracles));
    }
  }

  TEST_CASE("an update does not depend on the order of threads") {
    for (const NamedSpec& optimizer : optimizers()) check(optimizer, 20011, 9, 5);
  }

  TEST_CASE("a gradient whose norm is no f32 changes nothing but the counters of skipped updates") {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    for (const NamedSpec& optimizer : optimizers()) {
      if (optimizer.spec.clip > 0) continue;
      for (const float bad : {kInf, -kInf, std::nanf(""), 3e38f})
        for (const std::size_t place : {0, 256, 599}) {
          State expected = initial(600, 9);
          auto gradient = random_values(600, -1, 1, 5);
          gradient[place] = bad;
          const State found = kernel(optimizer.spec, expected, gradient);
          expected.counters = {9, 3, 3, 5};
          CHECK((found == expected));
        }
    }
  }

  TEST_CASE("a gradient that is huge but finite is clipped, not skipped") {
    NamedSpec optimizer = optimizers()[6];
    auto gradient = random_values(600, -1, 1, 5);
    gradient[3] = 3e38f;
    const State before = initial(600, 9), expected = oracle(optimizer.spec, before, gradient),
                found = kernel(optimizer.spec, before, gradient);
    CHECK((found.counters == Counters{10, 2, 4, 0}));
    CHECK(difference(expected.weights, found.weights, 0, 4 * 0x1p-23) == "");
  }

  TEST_CASE("updates after another count themselves and keep to the oracle") {
    const OptimizerSpec spec = optimizers()[3].spec;
    State expected = initial(257, 0), found = expected;
    for (int step = 0; step < 8; ++step) {
      const auto gradient = random_values(257, -1, 1, 10 + static_cast<std::uint64_t>(step));
      expected = oracle(spec, expected, gradient);
      found = kernel(spec, found, gradient);
    }
    CHECK(found.counters[static_cast<std::size_t>(OptimizerCounter::updates)] == 8);
    CHECK(difference(expected.weights, found.weights, 0, 32 * 0x1p-23) == "");
  }

  TEST_CASE("without a decay the average stays, and the arrays that a kind does not have may be absent") {
    const OptimizerSpec spec = optimizers()[1].spec;
    State s = initial(33, 0);
    Guarded<std::int64_t> counters(s.counters);
    const auto gradient = random_values(33, -1, 1, 5);
    const State all = kernel(spec, s, gradient);
    CHECK((all.average == s.average));
    CHECK((all.second == s.second));
    std::vector<unsigned char> scratch(kernels::optimizer_scratch(33));
    Guarded<float> g(gradient);
    unsigned arrivals = 0;
    kernels::optimizer_step(nullptr, spec, {33, s.weights.data(), {g.data()}, s.first.data(), nullptr, nullptr, nullptr}, counters.data(),
                            {scratch.data(), scratch.size()}, &arrivals);
    CHECK((s.weights == all.weights));
  }
}

TEST_SUITE("threads") {
  TEST_CASE("an update holds on real threads") {
    const Executing executing({shim::Engine::threads, 1});
    check(optimizers()[0], 600, 9, 1);
  }
}
