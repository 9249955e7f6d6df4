// Cases of the game, the optimiser, noise, dropout and pixels.
#include "base/format.h"
#include "conformance/op_cases.h"

namespace fgan::conformance {
namespace {

constexpr auto kStatistics = static_cast<std::int64_t>(GameStat::count);
constexpr auto kCounters = static_cast<std::int64_t>(OptimizerCounter::count);

Operand counters(std::int64_t count, double start) {
  return {.shape = {1, 1, 1, count}, .fill = {Fill::constant, start}, .dtype = DType::i64, .updated = true};
}

Operand updated(Shape s, double low, double high) {
  Operand o = between(s, low, high);
  o.updated = true;
  o.length = 4;
  return o;
}

// rounded: it also writes the weights in bf16.
void add_optimizer(std::vector<OpCase>& cases, const std::string& name, const math::OptimizerSpec& spec, std::int64_t count, double updates,
                   bool rounded) {
  const Shape s{1, 1, 1, count};
  Operand first = updated(s, -0.1, 0.1);
  if (spec.kind == math::OptimizerKind::rmsprop) first.terms = 10;  // g / sqrt(0.01 g^2 + ...)
  Operand copy = result(s, 4, 1);
  copy.dtype = DType::bf16;
  cases.push_back({"optimizer",
                   format("{}, {} weights, update {}{}", name, count, updates, rounded ? ", rounded too" : ""),
                   {updated(s, -1, 1), input(s), first, math::keeps_second(spec.kind) ? updated(s, 0, 0.1) : absent(),
                    spec.average_decay > 0 ? updated(s, -1, 1) : absent(), counters(kCounters, updates), rounded ? copy : absent()},
                   [](Ops&, DType) {},
                   [=](Ops& ops, Queue& q, const Tensors& t) {
                     ops.optimizer_step(q, spec, {t[0], t[1], t[2], t[3], t[4], t[6]}, t[5]);
                   },
                   rounded ? DType::bf16 : DType::f32});
}

}  // namespace

std::vector<std::pair<std::string, math::GameSpec>> games() {
  using math::Objective, math::Parametrization;
  std::vector<std::pair<std::string, math::GameSpec>> games;
  int turn = 0;
  for (const math::DivergenceInfo& f : math::kDivergences)
    for (auto parametrization : {Parametrization::paper, Parametrization::log_ratio}) {
      if (parametrization == Parametrization::log_ratio && !f.has_log_ratio) continue;
      for (auto objective : {Objective::minimax, Objective::non_saturating, Objective::maximum_likelihood}) {
        if (objective == Objective::maximum_likelihood && !f.has_log_ratio) continue;
        math::GameSpec game;
        game.critic = {f.id, parametrization, f.id == math::DivergenceId::weighted_js ? 0.3 : 0.5};
        game.generator = game.critic;
        game.objective = objective;
        game.smoothing = ++turn % 2 == 0 ? 0.1 : 0;
        const char* names[] = {"minimax", "non-saturating", "maximum likelihood"};
        games.emplace_back(format("{} {} {} smoothing {}", f.name, parametrization == Parametrization::paper ? "paper" : "log-ratio",
                                  names[static_cast<int>(objective)], game.smoothing),
                           game);
      }
    }
  math::GameSpec converted;
  converted.critic = {math::DivergenceId::gan, math::Parametrization::log_ratio, 0.5};
  converted.generator = {math::DivergenceId::reverse_kl, math::Parametrization::log_ratio, 0.5};
  converted.converts = true;
  games.emplace_back("gan converted to reverse-kl", converted);
  return games;
}

std::vector<OpCase> game_cases() {
  const std::vector<RowGroup> three{{0, 3, Role::reference}, {3, 31, Role::real}, {34, 33, Role::fake}},
      two{{0, 257, Role::fake}, {257, 200, Role::real}}, fakes{{0, 33, Role::fake}}, single{{0, 1, Role::real}, {1, 1, Role::fake}};
  std::vector<OpCase> cases;
  int turn = 0;
  for (const auto& [name, spec] : games()) {
    // Terms over v in (-0.9, 0.9) stay below e^2.  Statistics: a variance adds up over the rows.
    const std::vector<RowGroup>& groups = turn % 4 == 0 ? two : turn % 4 == 1 ? fakes : turn % 4 == 2 ? single : three;
    const Shape v{groups.back().first + groups.back().count, 1, 1, 1};
    const Operand gradient = result(v, 4, 8), none = absent();
    cases.push_back(
        {"game",
         format("{}, {} rows", name, v.n),
         {between(v, -0.9, 0.9), turn % 3 == 1 ? none : gradient, turn % 3 == 2 ? none : gradient, result({1, 1, 1, kStatistics}, 16, 8),
          counters(1, 7)},
         [](Ops&, DType) {},
         [groups, spec = spec](Ops& ops, Queue& q, const Tensors& t) { ops.game(q, spec, groups, t[0], t[1], t[2], t[3], t[4]); }});
    ++turn;
  }
  return cases;
}

std::vector<OpCase> optimizer_cases() {
  std::vector<OpCase> cases;
  math::OptimizerSpec adam, sgd, rmsprop;
  sgd.kind = math::OptimizerKind::sgd;
  rmsprop.kind = math::OptimizerKind::rmsprop;
  adam.schedule.rate = sgd.schedule.rate = rmsprop.schedule.rate = 0.01;
  adam.epsilon = rmsprop.epsilon = 1e-4;  // the second moment may be tiny by chance; a step stays below 0.01 * 0.6 / 1e-4 of rounding size
  const auto add = [&](const std::string& name, const math::OptimizerSpec& spec, std::int64_t count, double updates) {
    for (const bool rounded : {false, true}) add_optimizer(cases, name, spec, count, updates, rounded);
  };
  for (std::int64_t count : {1, 31, 257, 20011}) {
    for (double updates : {0.0, 9.0, 5000.0}) add("Adam", adam, count, updates);
    add("SGD", sgd, count, 3);
    math::OptimizerSpec more = adam;
    more.average_decay = 0.99;
    more.ascend = true;
    more.schedule = {math::ScheduleKind::cosine, 0.02, 5, 100, 0.1};
    add("Adam ascending with average and schedule", more, count, 20);
    more = sgd;
    more.momentum = 0.9;
    more.average_decay = 0.5;
    add("SGD with momentum and average", more, count, 20);
    add("RMSProp", rmsprop, count, 0);
    more = rmsprop;
    more.momentum = 0.9;
    more.rms_decay = 0.9;
    more.average_decay = 0.5;
    more.ascend = true;
    add("RMSProp ascending with momentum and average", more, count, 20);
  }
  return cases;
}

namespace {

const Operand kStep{.shape = {}, .fill = {Fill::constant, 12345678901.0}, .dtype = DType::i64};

void add_dropout(std::vector<OpCase>& cases, const Shape& s, float rate, bool in_place) {
  const math::DropoutSpec spec{.rate = rate, .seed = 3, .first_row = 7, .first_element = 4 * 11};
  cases.push_back({"dropout",
                   format("{} at rate {}{}", to_string(s), rate, in_place ? ", in place" : ""),
                   {kStep, typed(input(s)), typed(in_place ? result_over(1, s, 0, 0) : result(s, 0, 0))},
                   [](Ops&, DType) {},
                   [=](Ops& ops, Queue& q, const Tensors& t) { ops.dropout(q, spec, t[0], t[1], t[2]); }});
}

// To numbers, the rows of which may lie in another shape, and back.  For the dequantised range of (-1, 1) f32 is exact.
void add_pixels(std::vector<OpCase>& cases, const Shape& s) {
  const Operand bytes{.shape = s, .fill = {Fill::ramp}, .dtype = DType::u8};
  const Shape flat{s.n, 1, 1, s.example()};
  const auto add = [&](const char* name, const math::PixelRange& range, const math::Augmentation& how, double roundings) {
    cases.push_back({"pixels",
                     format("in, {}, {}", name, to_string(s)),
                     {kStep, bytes, typed(result(how ? flat : s, roundings, roundings))},
                     [](Ops&, DType) {},
                     [=](Ops& ops, Queue& q, const Tensors& t) { ops.pixels_in(q, range, how, t[0], t[1], t[2]); }});
  };
  const math::PixelRange exact = math::exact_range(-1, 1), dequantised = math::dequantised_range(-1, 1);
  add("as they are", exact, {}, 2);
  add("middles of cells", dequantised, {}, 0);
  add("mirrored", exact, {.mirror = true, .seed = 5}, 2);
  add("dequantised", dequantised, {.dequantise = true, .seed = 5}, 0);
  add("mirrored and dequantised", dequantised, {.mirror = true, .dequantise = true, .seed = 6}, 0);
  Operand out = result(s, 0, 0);
  out.dtype = DType::u8;
  for (const math::PixelRange& range : {exact, dequantised})
    cases.push_back({"pixels",
                     format("out, step {:.6g}, {}", range.scale, to_string(s)),
                     {typed(between(s, -1.2, 1.2)), out},
                     [](Ops&, DType) {},
                     [=](Ops& ops, Queue& q, const Tensors& t) { ops.pixels_out(q, range, t[0], t[1]); }});
}

// Between equal types, and from each to the other.
void add_copies(std::vector<OpCase>& cases, const Shape& s) {
  OpCase copy{"copy",
              to_string(s),
              {typed(input(s)), typed(result(s, 0, 0))},
              [](Ops&, DType) {},
              [](Ops& ops, Queue& q, const Tensors& t) { ops.copy(q, t[0], t[1]); }};
  cases.push_back(copy);
  copy.dtype = DType::bf16;
  for (Operand& o : copy.operands) o.typed = Typed::fixed;
  for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
    OpCase conversion = copy;
    conversion.name += half == 0 ? " from bf16" : " to bf16";
    conversion.operands[half].dtype = DType::bf16;
    cases.push_back(conversion);
  }
}

}  // namespace

std::vector<OpCase> noise_pixels_cases() {
  std::vector<OpCase> cases;
  for (const Shape& s : {Shape{1, 1, 1, 1}, Shape{64, 1, 1, 100}, Shape{31, 1, 1, 33}, Shape{3, 5, 3, 3}, Shape{2000, 1, 1, 2}}) {
    for (auto kind : {Ops::Noise::normal, Ops::Noise::uniform})
      cases.push_back({"noise",
                       format("{} {}", kind == Ops::Noise::normal ? "normal" : "uniform", to_string(s)),
                       {counters(1, 12345678901.0), typed(result(s, 0, 0))},
                       [](Ops&, DType) {},
                       [=](Ops& ops, Queue& q, const Tensors& t) {
                         ops.noise(q, kind, 77, math::Purpose::latent, t[0], kind == Ops::Noise::normal ? 3 : 0, t[1]);
                       }});
    for (const float rate : {0.0f, 0.3f, 0.99f}) add_dropout(cases, s, rate, rate == 0.3f);
    add_pixels(cases, s);
    add_copies(cases, s);
  }
  for (const Shape& s : {Shape{5, 4, 7, 3}, Shape{3, 8, 6, 1}, Shape{2, 28, 28, 1}, Shape{70, 2, 2, 2}}) add_pixels(cases, s);
  return cases;
}

}  // namespace fgan::conformance
