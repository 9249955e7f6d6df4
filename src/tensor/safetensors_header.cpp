#include "tensor/safetensors_header.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"

namespace fgan {
namespace {

using Json = nlohmann::json;

// A first pass that refuses what a finished tree no longer shows (duplicate keys) and what would make the tree large (nesting,
// entries).  A callback of the parser would do as well, but takes time quadratic in the number of entries.
class Strict : public nlohmann::json_sax<Json> {
 public:
  bool start_object(std::size_t) override {
    deeper();
    keys_[depth_].clear();
    return true;
  }
  bool key(string_t& key) override {
    if (!keys_[depth_].insert(key).second) fail(Exit::data, "its header has two entries {}", json_text(key));
    if (keys_[depth_].size() > kMaxTensors + 1) fail(Exit::data, "its header has more than {} entries", kMaxTensors);
    return true;
  }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_object() override { return shallower(); }
  bool end_array() override { return shallower(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    fail(Exit::data, "its header is not JSON: {}", error.what());
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }

 private:
  static constexpr std::size_t kMaxDepth = 3;  // header, entry, shape

  bool deeper() {
    if (++depth_ > kMaxDepth) fail(Exit::data, "its header is nested too deeply");
    return true;
  }
  bool shallower() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
  std::array<std::set<std::string>, kMaxDepth + 1> keys_;
};

DType dtype_of(const Json& value, const std::string& name) {
  if (value == "F32") return DType::f32;
  if (value == "BF16") return DType::bf16;
  if (value == "U8") return DType::u8;
  if (value == "I64") return DType::i64;
  fail(Exit::data, "{} has the unknown dtype {} (F32, U8 and I64 are read)", json_text(name), value.dump());
}

std::vector<std::int64_t> dims_of(const Json& shape, const std::string& name) {
  if (!shape.is_array() || shape.size() > kMaxRank)
    fail(Exit::data, "the shape of {} is not a list of at most {} sizes", json_text(name), kMaxRank);
  std::vector<std::int64_t> dims;
  for (const Json& dim : shape) {
    const bool fits = dim.is_number_unsigned() && dim.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
    if (!fits) fail(Exit::data, "the shape of {} holds {}, which is not a size", json_text(name), dim.dump());
    dims.push_back(dim.get<std::int64_t>());
  }
  return dims;
}

HeaderEntry entry_of(const std::string& name, const Json& value) {
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets")) {
    fail(Exit::data, "the entry {} is not made of dtype, shape and data_offsets", json_text(name));
  }
  const Json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
    fail(Exit::data, "the data_offsets of {} are not two numbers", json_text(name));
  }
  HeaderEntry entry{name, dtype_of(value["dtype"], name), dims_of(value["shape"], name), offsets[0], offsets[1]};
  bool overflow = false;
  std::uint64_t bytes = size_of(entry.dtype);
  for (const std::int64_t dim : entry.dims) overflow |= __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(dim), &bytes);
  if (overflow || entry.end < entry.begin || entry.end - entry.begin != bytes) {
    fail(Exit::data, "the data_offsets {} of {} do not fit its shape {}", offsets.dump(), json_text(name), value["shape"].dump());
  }
  return entry;
}

std::map<std::string, std::string> metadata_of(const Json& value) {
  std::map<std::string, std::string> metadata;
  if (!value.is_object()) fail(Exit::data, "its {} is not an object", kMetadataKey);
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) fail(Exit::data, "its {} entry {} is not a text", kMetadataKey, json_text(key));
    metadata.emplace(key, text);
  }
  return metadata;
}

}  // namespace

std::string json_text(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);  // bytes that are not UTF-8 become U+FFFD
}

Header parse_header(std::string_view text) {
  if (text.empty() || text.front() != '{') fail(Exit::data, "its header does not begin with '{{'");
  Strict strict;
  Json::sax_parse(text, &strict);
  Header header;
  const Json json = Json::parse(text);
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadataKey) {
      header.metadata = metadata_of(value);
    } else {
      header.entries.push_back(entry_of(name, value));
    }
  }
  if (header.entries.size() > kMaxTensors) fail(Exit::data, "its header has more than {} entries", kMaxTensors);
  return header;
}

}  // namespace fgan
