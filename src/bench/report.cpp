#include "bench/report.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/processor.h"
#include "tensor/safetensors_header.h"

namespace fgan {

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back(), static_cast<int>(values.size())};
}

JsonObject& JsonObject::add_value(std::string_view name, const std::string& json) {
  fields_ += format("{}{}: {}", fields_.empty() ? "" : ", ", json_text(name), json);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) { return add_value(name, json_text(text)); }

JsonObject& JsonObject::add(std::string_view name, double number) {
  return add_value(name, std::isfinite(number) ? format("{:.6g}", number) : "null");
}

JsonObject& JsonObject::add(std::string_view name, const std::vector<JsonObject>& objects) {
  std::string items;
  for (const JsonObject& object : objects) items += (items.empty() ? "" : ", ") + object.text();
  return add_value(name, "[" + items + "]");
}

JsonObject& JsonObject::add(const Spread& spread) {
  return add("median", spread.median).add("min", spread.min).add("max", spread.max).add("repeats", spread.repeats);
}

void add_machine(JsonObject& json, const Device* device) {
  json.add("machine", processor_name()).add("processors", std::thread::hardware_concurrency());
  if (device != nullptr) json.add("device", device->description()).add("isa", device->isa()).add("threads", device->threads());
  json.add("fgan_version", FGAN_VERSION);
}

}  // namespace fgan
