// One text as a value of every type of option.
#include <filesystem>
#include <limits>
#include <string>

#include "config/value.h"
#include "game/options.h"
#include "target.h"
#include "train/dump.h"

using namespace fgan;
using namespace fgan::fuzz;

namespace {

constexpr Option kAny{.key = "any", .help = "anything"};
constexpr Option kSome{.key = "some", .help = "a range", .unit = "images", .min = -1, .max = 1000};

template <class T>
void check(std::string_view text, const Option& option) {
  T value{}, again{};
  if (!accepts(Exit::usage, [&] { read_value(text, option, value); })) return;
  read_value(write_value(value), option, again);
  require(value == again, "a written value reads back equal");
}

template <class... Types>
void check_all(std::string_view text) {
  (check<Types>(text, kAny), ...);
  (check<Types>(text, kSome), ...);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(data, size);
  check_all<bool, int, std::int64_t, double, std::string, std::filesystem::path, std::vector<double>, Rule>(text);
  accepts(Exit::usage, [&] { parse_dump_request(std::string(text)); });
  return 0;
}
