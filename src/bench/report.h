// What a measurement says: facts about machine and options, and cases, each the median and the range of its repeats.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/format.h"
#include "device/device.h"

namespace fgan {

// Of repeated measurements.
struct Spread {
  double median = 0, min = 0, max = 0;
  int repeats = 0;
};
Spread spread_of(std::vector<double> values);  // at least one

// A JSON object on one line, its names in the order in which they were added.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text);
  JsonObject& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
  JsonObject& add(std::string_view name, double number);  // null when it is not finite
  template <std::integral Integer>
  JsonObject& add(std::string_view name, Integer number) {
    return add_value(name, format("{}", number));
  }
  JsonObject& add(std::string_view name, const std::vector<JsonObject>& objects);
  JsonObject& add(const Spread& spread);  // median, min, max, repeats
  std::string text() const { return "{" + fields_ + "}"; }

 private:
  JsonObject& add_value(std::string_view name, const std::string& json);

  std::string fields_;
};

struct BenchText {
  std::string table, json;  // for people; one line
};
// version, machine, and where there is a device its description, instruction set, threads.
void add_machine(JsonObject& json, const Device* device);

}  // namespace fgan
