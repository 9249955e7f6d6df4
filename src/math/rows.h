// The rows of a batch in groups: what the ops that mix examples are told of them.
#pragma once

#include <cstdint>

namespace fgan::math {

enum class Role : std::uint8_t { reference, real, fake };
struct RowGroup {
  std::int64_t first, count;
  Role role;
};  // rows first .. first + count of a batch

}  // namespace fgan::math
