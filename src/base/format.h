// String formatting: the one place that knows which library does it (GCC 12 has no std::format).
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace fgan {

template <class... Args>
std::string format(fmt::format_string<Args...> text, Args&&... args) {
  return fmt::format(text, std::forward<Args>(args)...);
}

}  // namespace fgan
