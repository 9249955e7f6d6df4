// From a case as it is stated to the same case in other types.
#include <utility>

#include "conformance/op_cases.h"

namespace fgan::conformance {
namespace {

bool any(const OpCase& c, Typed typed) {
  return std::any_of(c.operands.begin(), c.operands.end(),
                     [&](const Operand& o) { return o.typed == typed && o.fill.kind != Fill::absent; });
}

OpCase in_bf16(OpCase c) {
  c.name += " in bf16";
  c.dtype = DType::bf16;
  for (Operand& o : c.operands)
    if (o.typed != Typed::fixed) o.dtype = DType::bf16;
  return c;
}

// What is read in f32 beside bf16 may be rounded to it on its way into a product: its terms are then a random walk of such roundings.
OpCase in_bf16_beside_f32(const OpCase& c) {
  OpCase mixed = in_bf16(c);
  mixed.name += " beside f32";
  bool read = false;
  for (Operand& o : mixed.operands) {
    if (o.typed != Typed::alike_or_f32) continue;
    o.dtype = DType::f32;
    read |= o.fill.kind != Fill::output;
  }
  for (Operand& o : mixed.operands)
    if (read && o.fill.kind == Fill::output) o.inside = o.terms;
  return mixed;
}

}  // namespace

std::vector<OpCase> forms(const OpCase& c) {
  std::vector<OpCase> all{c};
  if (any(c, Typed::alike)) all.push_back(in_bf16(c));
  if (any(c, Typed::alike_or_f32)) all.push_back(in_bf16_beside_f32(c));
  return all;
}

std::vector<OpCase> forms(const std::vector<OpCase>& cases) {
  std::vector<OpCase> all;
  for (const OpCase& c : cases)
    for (OpCase& form : forms(c)) all.push_back(std::move(form));
  return all;
}

std::vector<OpCase> all_cases() {
  std::vector<OpCase> all;
  for (const auto& family :
       {conv_cases(), linear_cases(), bias_act_cases(), normalize_cases(), game_cases(), optimizer_cases(), noise_pixels_cases()})
    for (OpCase& form : forms(family)) all.push_back(std::move(form));
  return all;
}

}  // namespace fgan::conformance
