#include "report/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/error.h"

namespace fgan {
namespace {

constexpr std::string_view kBegin = "{\"step\": ";
constexpr std::uintmax_t kLargestFile = std::uintmax_t(1) << 32;

std::string number(double value) {
  if (value == std::floor(value) && std::abs(value) < 9007199254740992.0) return std::to_string(static_cast<std::int64_t>(value));
  return format("{}", value);
}

// The step of a whole line of ours.
std::optional<std::int64_t> step_of(std::string_view line) {
  if (!line.starts_with(kBegin) || !line.ends_with('}')) return std::nullopt;
  line.remove_prefix(kBegin.size());
  std::int64_t step = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), step);
  return error == std::errc() && *end == ',' ? std::optional(step) : std::nullopt;
}

std::string read_text(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path, kLargestFile);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Of a line of ours: null, which is what is not finite, is no number; nan and inf, which from_chars reads, are none of ours.
std::optional<double> value_in(std::string_view line, std::string_view name) {
  const std::string key = format("\"{}\": ", name);
  const std::size_t at = line.find(key);
  double value = 0;
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + key.size());
  const bool number = std::from_chars(line.data(), line.data() + line.size(), value).ec == std::errc();
  return number && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string metrics_line(std::span<const std::pair<std::string, double>> metrics) {
  FGAN_CHECK(!metrics.empty() && metrics.front().first == "step", "metrics begin with the step");
  std::string line = "{";
  int non_finite = 0;
  for (const auto& [name, value] : metrics) {
    if (!std::isfinite(value)) ++non_finite;
    line += format("\"{}\": {}, ", name, std::isfinite(value) ? number(value) : "null");
  }
  return line + format("\"non_finite\": {}}}", non_finite);
}

std::string metrics_up_to(std::string_view text, std::int64_t step) {
  std::string kept;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    const std::optional<std::int64_t> at = step_of(text.substr(0, end));
    if (at && *at <= step) kept += text.substr(0, end + 1);
  }
  return kept;
}

std::map<std::int64_t, double> read_metric(const std::filesystem::path& path, std::string_view name) {
  const std::string text = read_text(path);
  std::map<std::int64_t, double> values;
  for (std::string_view rest = text, line; !rest.empty(); rest.remove_prefix(std::min(line.size() + 1, rest.size()))) {
    line = rest.substr(0, rest.find('\n'));
    const std::optional<std::int64_t> step = step_of(line);
    const std::optional<double> value = value_in(line, name);
    if (step && value) values[*step] = *value;
  }
  return values;
}

MetricsFile::MetricsFile(const std::filesystem::path& path, std::int64_t step) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    const std::string text = read_text(path);
    const std::string kept = metrics_up_to(text, step);
    if (kept != text) write_file(path, kept);
  }
  file_ = std::make_unique<LineFile>(path);
}

void MetricsFile::write(std::span<const std::pair<std::string, double>> metrics) { file_->append(metrics_line(metrics)); }

}  // namespace fgan
