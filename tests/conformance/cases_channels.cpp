// Cases of the loops over channels: bias and activation, normalisation, and their gradients, in place where the contract allows it.
#include "base/format.h"
#include "conformance/op_cases.h"

namespace fgan::conformance {
namespace {

constexpr math::Activation kActivations[] = {math::Activation::none, math::Activation::relu, math::Activation::leaky_relu,
                                             math::Activation::elu,  math::Activation::tanh, math::Activation::sigmoid};

// Rows that do not fill a bundle of lanes, a block of 16 or a chunk, and some that make many chunks.
const std::vector<Shape> kShapes{{1, 1, 1, 1},   {7, 5, 3, 1},   {3, 7, 5, 3},   {64, 1, 1, 31}, {2, 9, 9, 33},
                                 {3, 3, 3, 257}, {40, 6, 6, 64}, {300, 9, 7, 3}, {2500, 1, 1, 1}};

double pixels(const Shape& s) { return static_cast<double>(s.pixels()); }

// Where y may be 0 a slope read off it jumps: both devices read the same y, so nothing needs to be avoided.
Operand outputs_of(math::Activation kind, const Shape& s) {
  return kind == math::Activation::sigmoid ? between(s, 0.02, 0.98)
         : kind == math::Activation::elu   ? between(s, -0.19, 1)
                                           : between(s, -0.98, 0.98);
}

void add_bias_act(std::vector<OpCase>& cases, const Shape& s, math::ActivationSpec activation, bool with_bias, bool in_place) {
  const std::string name =
      format("{} of {}{}{}", name_of(activation.kind), to_string(s), with_bias ? "" : " without bias", in_place ? " in place" : "");
  const Operand bias = with_bias ? row(s.c) : absent();
  cases.push_back({"bias_act",
                   name,
                   {typed(input(s)), bias, typed(in_place ? result_over(0, s, 2, 2) : result(s, 2, 2))},
                   [](Ops&, DType) {},
                   [=](Ops& ops, Queue& q, const Tensors& t) { ops.bias_act(q, activation, t[0], t[1], t[2]); }});
  const Operand dbias = with_bias ? result({1, 1, 1, s.c}, pixels(s), 1.2) : absent();
  cases.push_back(
      {"bias_act",
       "gradient of " + name,
       {typed(outputs_of(activation.kind, s)), typed(input(s)), typed(in_place ? result_over(1, s, 2, 1.2) : result(s, 2, 1.2)), dbias},
       [=](Ops& ops, DType) { ops.prepare_channels(s); },
       [=](Ops& ops, Queue& q, const Tensors& t) { ops.bias_act_grad(q, activation, t[0], t[1], t[2], t[3]); }});
}

// 1, 2 or 3 groups of unequal sizes, in the roles a critic's batch has.
std::vector<RowGroup> split(std::int64_t rows, int parts) {
  if (parts == 1 || rows < parts) return {{0, rows, Role::real}};
  const std::int64_t third = (rows + 2) / 3;
  if (parts == 2) return {{0, third, Role::real}, {third, rows - third, Role::fake}};
  const std::int64_t a = rows / 4 > 0 ? rows / 4 : 1, b = (rows - a) / 2;
  return {{0, a, Role::reference}, {a, b, Role::real}, {a + b, rows - a - b, Role::fake}};
}

constexpr const char* kStatistics[] = {"none", "batch", "given", "reference", "virtual batch"};

// With a reference: one or two groups behind it.
std::vector<RowGroup> split_behind_reference(std::int64_t rows, int parts) {
  std::vector<RowGroup> groups = split(rows, parts);
  groups.front().role = Role::reference;
  return groups;
}

std::vector<RowGroup> groups_for(const NormSpec& spec, std::int64_t rows, int parts) {
  return uses_reference(spec.statistics) ? split_behind_reference(rows, parts) : split(rows, parts);
}

std::int64_t sets_of_moments(const NormSpec& spec, const std::vector<RowGroup>& groups, std::int64_t rows) {
  if (spec.statistics == Statistics::virtual_batch) return 1 + rows - groups.front().count;
  return spec.statistics == Statistics::batch ? static_cast<std::int64_t>(groups.size()) : 1;
}

// mean: the distance of the data from 0 in their own deviations; the moments must not suffer from it.
void add_normalize(std::vector<OpCase>& cases, const Shape& s, NormSpec spec, int parts, double mean, bool in_place) {
  const std::vector<RowGroup> groups = groups_for(spec, s.n, parts);
  const bool measured = measures_rows(spec.statistics), given = spec.statistics == Statistics::given;
  // y may be off by the rounding of x and mean times 1 / sd; uniform(-1, 1) has sd 0.58, but a group of one pixel has sd sqrt(epsilon).
  const double smallest = static_cast<double>(groups.front().count * s.h * s.w), per_sd = smallest < 2 ? 320 : smallest < 8 ? 30 : 6;
  const double terms = per_sd * (2 + mean);
  Operand x = between(s, mean - 1, mean + 1), y = in_place ? result_over(0, s, 2, terms) : result(s, 2, terms);
  if (mean < 100) x = typed(x), y = typed(y);  // beyond, bf16 has no two numbers in the data's range
  const Shape moments{sets_of_moments(spec, groups, s.n), 2, 1, s.c};
  const Operand m = measured ? result(moments, 4, 1 + mean) : given ? between({1, 2, 1, s.c}, 0.5, 1.5) : absent();
  cases.push_back({"normalize",
                   format("{} of {} in {} groups, mean {}, {}{}", kStatistics[static_cast<int>(spec.statistics)], to_string(s),
                          groups.size(), mean, name_of(spec.activation.kind), in_place ? ", in place" : ""),
                   {x, row(s.c), row(s.c), y, m},
                   [=](Ops& ops, DType) { ops.prepare_channels(s); },
                   [=](Ops& ops, Queue& q, const Tensors& t) { ops.normalize(q, spec, groups, t[0], t[1], t[2], t[3], t[4]); }});
}

enum class Wanted { all, input_only, parameters_only };

void add_normalize_grad(std::vector<OpCase>& cases, const Shape& s, NormSpec spec, int parts, Wanted wanted, bool in_place) {
  const std::vector<RowGroup> groups = groups_for(spec, s.n, parts);
  const bool parameters = wanted != Wanted::input_only;
  const Shape moments{sets_of_moments(spec, groups, s.n), 2, 1, s.c};
  const Operand m = measures_rows(spec.statistics) ? between(moments, 0.2, 0.4) : absent();  // as good as any: not differentiated here
  const Operand sums = parameters ? result({1, 1, 1, s.c}, pixels(s), 4) : absent();
  Operand dx = typed(in_place ? result_over(2, s, 4, 30) : result(s, 4, 30));
  if (wanted == Wanted::parameters_only) dx = absent();
  cases.push_back(
      {"normalize",
       format("gradient, {}{} of {} in {} groups, {}{}{}", kStatistics[static_cast<int>(spec.statistics)],
              spec.reference_gradient ? "" : " held", to_string(s), groups.size(), name_of(spec.activation.kind),
              in_place ? ", in place" : "",
              wanted == Wanted::all          ? ""
              : wanted == Wanted::input_only ? ", input only"
                                             : ", parameters only"),
       {typed(input(s)), typed(outputs_of(spec.activation.kind, s)), typed(input(s)), row(s.c), m, dx, sums, sums},
       [=](Ops& ops, DType) { ops.prepare_channels(s); },
       [=](Ops& ops, Queue& q, const Tensors& t) { ops.normalize_grad(q, spec, groups, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]); }});
}

}  // namespace

std::string name_of(math::Activation kind) {
  constexpr const char* names[] = {"no activation", "relu", "leaky relu", "elu", "tanh", "sigmoid"};
  return names[static_cast<int>(kind)];
}

std::vector<OpCase> bias_act_cases() {
  std::vector<OpCase> cases;
  for (const Shape& s : kShapes)
    for (math::Activation kind : kActivations) add_bias_act(cases, s, {kind, 0.2f}, true, kind == math::Activation::leaky_relu);
  for (math::Activation kind : kActivations) {
    add_bias_act(cases, {3, 5, 5, 33}, {kind, 0.2f}, false, true);
    add_bias_act(cases, {3, 5, 5, 33}, {kind, 0.2f}, true, kind != math::Activation::leaky_relu);
  }
  return cases;
}

std::vector<OpCase> normalize_cases() {
  std::vector<OpCase> cases;
  int turn = 0;
  for (const Shape& s : kShapes)
    for (int parts = 1; parts <= 3; ++parts) {
      const math::ActivationSpec activation{kActivations[turn++ % 6], 0.2f};
      add_normalize(cases, s, {Statistics::batch, activation, 1e-5f}, parts, 0, false);
      add_normalize_grad(cases, s, {Statistics::batch, activation, 1e-5f}, parts, parts == 2 ? Wanted::input_only : Wanted::all,
                         parts == 3);
    }
  for (const Statistics statistics : {Statistics::reference, Statistics::virtual_batch})
    for (const Shape& s : kShapes)
      for (int parts = 1; parts <= 3; ++parts) {
        const NormSpec spec{statistics, {kActivations[turn++ % 6], 0.2f}, 1e-5f, /*reference_gradient=*/turn % 4 != 0};
        add_normalize(cases, s, spec, parts, 0, false);
        const Wanted wanted = turn % 5 == 0 ? Wanted::parameters_only : turn % 5 == 1 ? Wanted::input_only : Wanted::all;
        add_normalize_grad(cases, s, spec, parts, wanted, parts == 3 && wanted != Wanted::parameters_only);
      }
  for (const Shape& s : kShapes) {
    const math::ActivationSpec activation{kActivations[turn++ % 6], 0.2f};
    add_normalize(cases, s, {Statistics::given, activation, 1e-5f}, 1, 0, s.c % 2 == 0);
    add_normalize(cases, s, {Statistics::none, activation, 1e-5f}, 1, 0, s.c % 2 == 1);
    add_normalize_grad(cases, s, {Statistics::none, activation, 1e-5f}, 1, Wanted::all, s.c % 2 == 1);
    add_normalize_grad(cases, s, {Statistics::batch, activation, 1e-5f}, 2, Wanted::parameters_only, false);
  }
  for (double mean : {30.0, 1000.0})  // where a difference of squares has no digits left
    for (const Shape& s : {Shape{8, 16, 16, 3}, Shape{600, 1, 1, 33}, Shape{16, 8, 8, 64}})
      for (const Statistics statistics : {Statistics::batch, Statistics::reference, Statistics::virtual_batch})
        add_normalize(cases, s, {statistics, {}, 1e-5f}, 2, mean, false);
  return cases;
}

}  // namespace fgan::conformance
