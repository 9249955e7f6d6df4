// THE list of divergences.  A new one is its header, included here, and one line of FGAN_DIVERGENCES; nothing else enumerates them.
#pragma once

#include <array>
#include <string_view>
#include <type_traits>

#include "math/divergence/alpha.h"
#include "math/divergence/gan.h"
#include "math/divergence/jeffrey.h"
#include "math/divergence/jensen_shannon.h"
#include "math/divergence/kl.h"
#include "math/divergence/neyman.h"
#include "math/divergence/pearson.h"
#include "math/divergence/reverse_kl.h"
#include "math/divergence/squared_hellinger.h"
#include "math/divergence/total_variation.h"
#include "math/divergence/weighted_js.h"

#define FGAN_DIVERGENCES(X)              \
  X(total_variation, TotalVariation)     \
  X(kl, Kl)                              \
  X(reverse_kl, ReverseKl)               \
  X(pearson, Pearson)                    \
  X(neyman, Neyman)                      \
  X(squared_hellinger, SquaredHellinger) \
  X(jeffrey, Jeffrey)                    \
  X(jensen_shannon, JensenShannon)       \
  X(weighted_js, WeightedJs)             \
  X(gan, Gan)                            \
  X(alpha, Alpha)

namespace fgan::math {

enum class DivergenceId : int {
#define FGAN_ID(id, type) id,
  FGAN_DIVERGENCES(FGAN_ID)
#undef FGAN_ID
};

struct DivergenceSpec {
  DivergenceId id = DivergenceId::gan;
  Parametrization parametrization = Parametrization::paper;
  double parameter = 0.5;  // alpha, or the weight of weighted-js; ignored by all others
};

struct DivergenceInfo {
  const char* name;
  DivergenceId id;
  bool has_log_ratio, has_parameter;
};

// Indexed by id.  A divergence that stores anything stores its one parameter.
inline constexpr DivergenceInfo kDivergences[] = {
#define FGAN_INFO(id, type) {type::name, DivergenceId::id, type::has_log_ratio, !std::is_empty_v<type>},
    FGAN_DIVERGENCES(FGAN_INFO)
#undef FGAN_INFO
};

inline constexpr std::array kDivergenceNames{
#define FGAN_NAME(id, type) std::string_view(type::name),
    FGAN_DIVERGENCES(FGAN_NAME)
#undef FGAN_NAME
};

inline const DivergenceInfo& info_of(DivergenceId id) { return kDivergences[static_cast<int>(id)]; }
inline const char* name_of(DivergenceId id) { return info_of(id).name; }

template <class D>
FGAN_HD D make_divergence([[maybe_unused]] double parameter) {
  if constexpr (std::is_empty_v<D>) {
    return D{};
  } else {
    return D{parameter};
  }
}

// f(divergence), with the type picked by the id.
FGAN_HD_CALLS_GIVEN
template <class F>
FGAN_HD auto visit(const DivergenceSpec& spec, F&& f) {
  switch (spec.id) {
#define FGAN_CASE(id, type) \
  case DivergenceId::id: return f(make_divergence<type>(spec.parameter));
    FGAN_DIVERGENCES(FGAN_CASE)
#undef FGAN_CASE
  }
  return f(Gan{});  // not reached: every id is in the list
}

}  // namespace fgan::math
