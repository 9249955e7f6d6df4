// The game in one block: the kernel under the shim against the oracle, for every divergence and whatever v may be.
#include "kernels/game.h"

#include <doctest/doctest.h>

#include <limits>

#include "device/naive/device.h"
#include "device/ops.h"
#include "property/cases.h"
#include "shim/guarded.h"
#include "shim/orders.h"

using namespace fgan;
using namespace fgan::test;

namespace {

struct NamedGame {
  std::string name;
  math::GameSpec spec;
};

// Every divergence, parameter and parametrisation, with each objective, smoothing and limit; and one that converts for each divergence.
std::vector<NamedGame> all_games() {
  using math::Objective;
  std::vector<NamedGame> games;
  for (const math::DivergenceSpec& critic : all_specs())
    for (const Objective objective : {Objective::minimax, Objective::non_saturating, Objective::maximum_likelihood}) {
      if (objective == Objective::maximum_likelihood && !has_log_ratio(critic)) continue;
      for (const double smoothing : {0.0, 0.1})
        for (const double limit : {0.0, 2.0})
          for (const bool converts : {false, true}) {
            if (converts && (!has_log_ratio(critic) || smoothing > 0)) continue;
            math::GameSpec game =
                converts ? converting(critic, math::DivergenceId::squared_hellinger, objective) : game_of(critic, objective);
            game.smoothing = smoothing;
            game.limit = limit;
            game.centre = math::opinion_free_v(critic);
            games.push_back({format("{}, objective {}, smoothing {}, limit {}{}", describe(critic), static_cast<int>(objective), smoothing,
                                    limit, converts ? ", converting" : ""),
                             game});
          }
    }
  return games;
}

using Batch = std::vector<RowGroup>;
const Batch kThree{{0, 3, Role::reference}, {3, 31, Role::real}, {34, 33, Role::fake}}, kTwo{{0, 257, Role::fake}, {257, 200, Role::real}},
    kFakes{{0, 33, Role::fake}}, kSingle{{0, 1, Role::real}, {1, 1, Role::fake}}, kOne{{0, 1, Role::fake}},
    kMany{{0, 301, Role::reference}, {301, 1500, Role::real}, {1801, 1500, Role::fake}};

std::int64_t rows_of(const Batch& groups) { return groups.back().first + groups.back().count; }

struct Result {
  std::vector<float> dcritic, dgenerator, statistics;
  std::int64_t capped;

  // To the bit, even where they are not numbers.
  bool operator==(const Result& other) const {
    return difference(dcritic, other.dcritic) + difference(dgenerator, other.dgenerator) + difference(statistics, other.statistics) == "" &&
           capped == other.capped;
  }
};

constexpr std::int64_t kCappedBefore = 7;
constexpr auto kStatistics = static_cast<std::int64_t>(GameStat::count);

Result oracle(const math::GameSpec& spec, const Batch& groups, std::vector<float> v) {
  const auto device = make_naive_device();
  const Shape rows{static_cast<std::int64_t>(v.size()), 1, 1, 1};
  Result r{std::vector<float>(v.size()), std::vector<float>(v.size()), std::vector<float>(kStatistics), kCappedBefore};
  device->ops().game(device->queue(), spec, groups, {v.data(), rows}, {r.dcritic.data(), rows}, {r.dgenerator.data(), rows},
                     {r.statistics.data(), {1, 1, 1, kStatistics}}, {&r.capped, {}, DType::i64});
  return r;
}

enum class Asked { both, critic, generator, none };

Result kernel(const math::GameSpec& spec, const Batch& groups, const std::vector<float>& values, Asked asked = Asked::both) {
  Guarded<float> v(values), dcritic(rows_of(groups)), dgenerator(rows_of(groups)), statistics(kStatistics);
  Guarded<std::int64_t> capped(std::vector<std::int64_t>{kCappedBefore});
  kernels::RowGroups rows;
  for (const RowGroup& group : groups) rows.at[rows.count++] = group;
  kernels::game(nullptr, spec, math::threshold_v(spec), rows, v.data(),
                asked == Asked::both || asked == Asked::critic ? dcritic.data() : nullptr,
                asked == Asked::both || asked == Asked::generator ? dgenerator.data() : nullptr, statistics.data(), capped.data());
  CHECK((v.intact() && dcritic.intact() && dgenerator.intact() && statistics.intact() && capped.intact()));
  CHECK(difference(values, v.values()) == "");
  return {dcritic.values(), dgenerator.values(), statistics.values(), *capped.data()};
}

// Both sum in double, one row by row and the other pairwise: what a number of the size of the largest statistic may lose, and one rounding.
std::string difference_of_statistics(const std::vector<float>& expected, const std::vector<float>& found) {
  double largest = 0;
  for (const float e : expected)
    if (std::isfinite(e)) largest = std::max(largest, std::abs(static_cast<double>(e)));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(expected[i]) && !std::isfinite(found[i])) continue;  // the oracle adds infinities, Welford subtracts them
    const std::string where = difference({expected[i]}, {found[i]}, 0x1p-23, 1e-12 * largest);
    if (!where.empty()) return format("statistic {}: ", i) + where;
  }
  return "";
}

void check(const std::string& name, const math::GameSpec& spec, const Batch& groups, const std::vector<float>& v, int orders = 1) {
  const Result expected = oracle(spec, groups, v), found = in_orders(orders, [&] { return kernel(spec, groups, v); });
  const std::string what = difference(expected.dcritic, found.dcritic) + difference(expected.dgenerator, found.dgenerator) +
                           difference_of_statistics(expected.statistics, found.statistics) +
                           (expected.capped == found.capped ? "" : format("{} capped, not {}", found.capped, expected.capped));
  CHECK((what.empty() ? "" : format("{}, {} rows: {}", name, v.size(), what)) == "");
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("the kernel of the game agrees with the oracle for every divergence") {
    const Batch groups[] = {kThree, kTwo, kFakes, kSingle, kOne};
    std::size_t turn = 0;
    for (const auto& [name, spec] : all_games()) {
      const Batch& g = groups[turn++ % std::size(groups)];
      check(name, spec, g, random_values(rows_of(g), -3, 3, turn));
    }
  }

  TEST_CASE("the kernel of the game agrees with the oracle where v is extreme") {
    constexpr float kInf = std::numeric_limits<float>::infinity(), kMost = std::numeric_limits<float>::max();
    for (const auto& [name, spec] : all_games()) {
      std::vector<float> v;
      for (const float x : {1e4f, 88.0f, 89.0f, 30.0f, 1.0f, 0.0f, 1e-30f, kMost})
        for (const float sign : {1.0f, -1.0f}) v.push_back(sign * x);
      const std::vector<float> extremes = v;
      v.insert(v.end(), extremes.begin(), extremes.end());
      check(name, spec, {{0, 16, Role::real}, {16, 16, Role::fake}}, v);
      for (const float not_finite : {kInf, -kInf, std::nanf("")}) check(name, spec, kSingle, {not_finite, not_finite});
    }
  }

  TEST_CASE("the kernel of the game takes thousands of rows, in any order of its threads") {
    for (const math::DivergenceSpec& critic : all_specs()) {
      const math::GameSpec spec = game_of(critic);
      check(describe(critic), spec, kMany, random_values(rows_of(kMany), -2, 2, 1));
    }
    const math::GameSpec gan = game_of({});
    check("gan", gan, kMany, random_values(rows_of(kMany), -2, 2, 1), 4);
    check("gan", gan, kThree, random_values(rows_of(kThree), -2, 2, 1), 6);
  }

  TEST_CASE("gradients that nobody asks for are not written, and those asked for do not change") {
    const math::GameSpec spec = game_of({});
    const auto v = random_values(rows_of(kThree), -2, 2, 1);
    const Result both = kernel(spec, kThree, v);
    const std::vector<float> unwritten = Guarded<float>(rows_of(kThree)).values();
    CHECK((kernel(spec, kThree, v, Asked::critic) == Result{both.dcritic, unwritten, both.statistics, both.capped}));
    CHECK((kernel(spec, kThree, v, Asked::generator) == Result{unwritten, both.dgenerator, both.statistics, both.capped}));
    CHECK((kernel(spec, kThree, v, Asked::none) == Result{unwritten, unwritten, both.statistics, both.capped}));
  }

  TEST_CASE("capped rows of both roles are counted") {
    const math::GameSpec spec = game_of({math::DivergenceId::kl, math::Parametrization::log_ratio, 0.5});
    CHECK(kernel(spec, kThree, std::vector<float>(67, 1e4f)).capped == kCappedBefore + 31 + 33);
    CHECK(kernel(spec, kThree, std::vector<float>(67, 1.0f)).capped == kCappedBefore);
  }
}

TEST_SUITE("threads") {
  TEST_CASE("the kernel of the game holds on real threads") {
    const Executing executing({shim::Engine::threads, 1});
    check("gan", game_of({}), kThree, random_values(rows_of(kThree), -2, 2, 1));
  }
}
