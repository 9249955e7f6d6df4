// What the fuzz targets share.  A target gives hostile bytes to one of our parsers: an Error of the kind that the parser promises is an
// answer like any other; every other exception, a report of a sanitizer, or a property that does not hold is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fgan::fuzz {

// Whether the call came to its end, and was not ended by an Error of the promised kind.
template <class F>
bool accepts(Exit promised, F&& call) {
  try {
    call();
    return true;
  } catch (const Error& error) {
    if (error.exit() != promised || error.what()[0] == '\0') throw;
    return false;
  }
}

inline void require(bool holds, const char* property) {
  if (!holds) throw std::logic_error(property);
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }
inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) { return std::as_bytes(std::span(data, size)); }

// Cuts the text before the first `mark` off, all of it where there is none.
inline std::string_view take_part(std::string_view& text, char mark) {
  const std::string_view part = text.substr(0, text.find(mark));
  text.remove_prefix(part.size() == text.size() ? part.size() : part.size() + 1);
  return part;
}

}  // namespace fgan::fuzz
