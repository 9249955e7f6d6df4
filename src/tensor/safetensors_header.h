// The JSON header of a safetensors file, checked: {"__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets"}, ...}.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace fgan {

inline constexpr std::uint64_t kMaxHeaderBytes = 16 << 20;
inline constexpr std::size_t kMaxTensors = 100'000, kMaxRank = 8;
inline constexpr std::string_view kMetadataKey = "__metadata__";

struct HeaderEntry {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> dims;
  std::uint64_t begin, end;  // of its bytes in the data; end - begin fits dims and dtype
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<HeaderEntry> entries;
};

// Throws Error(data) with a sentence that begins in lower case and does not name the file.
Header parse_header(std::string_view text);

// As a JSON string: names come from files and may hold anything.
std::string json_text(std::string_view text);

}  // namespace fgan
