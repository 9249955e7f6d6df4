#include "data/formats/gaussians.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

#include "base/error.h"
#include "base/log.h"
#include "math/philox.h"

namespace fgan {
namespace {

// Samples are 32-bit numbers, and densities divide by squares of deviations: far within both.
constexpr double kSmallest = 1e-30, kLargest = 1e30;

struct Component {
  double weight;
  std::vector<double> mean;
  double deviation;
};

class Gaussians : public Dataset {
 public:
  Gaussians(std::vector<Component> components, std::uint64_t seed) : components_(std::move(components)), seed_(seed) {}

  std::int64_t size() const override { return std::int64_t{1} << 40; }  // no run draws a sample twice
  Shape sample_shape() const override { return {1, 1, 1, static_cast<std::int64_t>(dimensions())}; }
  DType dtype() const override { return DType::f32; }
  std::string description() const override {
    return format("mixture of {} normal distribution{} in {} dimension{}", components_.size(), components_.size() == 1 ? "" : "s",
                  dimensions(), dimensions() == 1 ? "" : "s");
  }

  // One block of random words a sample: the first chooses the component, the last two make a pair of normal numbers.
  void read(std::int64_t index, std::span<std::byte> out) const override {
    FGAN_CHECK(index >= 0 && index < size() && out.size() == dimensions() * sizeof(float), "sample {} into {} bytes", index, out.size());
    const math::Philox4 words = math::random_block(seed_, math::Purpose::data_sample, static_cast<std::uint64_t>(index), 0, 0);
    const Component& component = pick((words.x[0] + 0.5) * 0x1p-32);
    const math::Normals4 z = math::normals_of(words);
    for (std::size_t d = 0; d < dimensions(); ++d) {
      const auto value = static_cast<float>(component.mean[d] + component.deviation * static_cast<double>(z.x[2 + d]));
      std::memcpy(out.data() + d * sizeof value, &value, sizeof value);
    }
  }

  std::vector<double> density(std::span<const double> points) const override {
    FGAN_CHECK(points.size() % dimensions() == 0, "{} coordinates of {}-dimensional points", points.size(), dimensions());
    std::vector<double> values;
    for (std::size_t i = 0; i < points.size(); i += dimensions()) values.push_back(density_at(points.subspan(i, dimensions())));
    return values;
  }

 private:
  std::size_t dimensions() const { return components_.front().mean.size(); }

  const Component& pick(double uniform) const {
    for (const Component& component : components_) {
      uniform -= component.weight;
      if (uniform < 0) return component;
    }
    return components_.back();  // the weights add up to 1 but for rounding
  }

  double density_at(std::span<const double> point) const {
    double sum = 0;
    for (const auto& [weight, mean, deviation] : components_) {
      double squares = 0;
      for (std::size_t d = 0; d < point.size(); ++d) squares += std::pow((point[d] - mean[d]) / deviation, 2);
      const double norm = std::pow(2 * std::numbers::pi * deviation * deviation, -0.5 * static_cast<double>(point.size()));
      sum += weight * norm * std::exp(-0.5 * squares);
    }
    return sum;
  }

  std::vector<Component> components_;
  std::uint64_t seed_;
};

// "-1 0, 1 0" -> {{-1, 0}, {1, 0}}
std::vector<std::vector<double>> parse_means(const std::string& text) {
  std::vector<std::vector<double>> means(1);
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    if (*at == ' ' || *at == '\t') {
      ++at;
      continue;
    }
    if (*at == ',') {
      means.emplace_back();
      ++at;
      continue;
    }
    double value = 0;
    const auto [rest, error] = std::from_chars(*at == '+' ? at + 1 : at, end, value);
    const bool ends = rest == end || *rest == ' ' || *rest == '\t' || *rest == ',';
    if (error != std::errc() || !ends || !std::isfinite(value)) {
      fail(Exit::usage, "data.means is '{}', which is not a list of numbers such as '-1, 1' or '-1 0, 1 0'", text);
    }
    if (std::abs(value) > kLargest) fail(Exit::usage, "data.means holds {}; values up to {} are drawn from", value, kLargest);
    means.back().push_back(value);
    at = rest;
  }
  const std::size_t dimensions = means.front().size();
  for (const auto& mean : means) {
    if (mean.size() != dimensions || dimensions < 1 || dimensions > 2) {
      fail(Exit::usage, "data.means is '{}': between commas there must be one number each, or two each", text);
    }
  }
  return means;
}

// One positive value for each component.
std::vector<double> per_component(const char* key, const std::vector<double>& values, std::size_t components) {
  if (values.size() != components) {
    fail(Exit::usage, "data.{} has {} value{}, data.means has {} component{}: give one value for each", key, values.size(),
         values.size() == 1 ? "" : "s", components, components == 1 ? "" : "s");
  }
  for (const double value : values) {
    if (!(value >= kSmallest && value <= kLargest)) {
      fail(Exit::usage, "data.{} holds {}; every value must be positive, {} to {}", key, value, kSmallest, kLargest);
    }
  }
  return values;
}

}  // namespace

std::unique_ptr<Dataset> open_gaussians(const DataOptions& options, std::uint64_t seed) {
  if (options.means.empty()) fail(Exit::usage, "data.kind = gaussian-mixture needs data.means, such as means = -1, 1");
  const auto means = parse_means(options.means);
  const std::size_t n = means.size();
  if (options.deviations.empty()) fail(Exit::usage, "data.kind = gaussian-mixture needs data.deviations, one for each of the {} means", n);
  const std::vector<double> deviations = per_component("deviations", options.deviations, n);
  const std::vector<double> weights = options.weights.empty() ? std::vector<double>(n, 1.0) : per_component("weights", options.weights, n);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!options.weights.empty() && std::abs(sum - 1) > 1e-6) log::info("data.weights add up to {:g}; they are divided by that", sum);
  std::vector<Component> components;
  for (std::size_t i = 0; i < n; ++i) components.push_back({weights[i] / sum, means[i], deviations[i]});
  return std::make_unique<Gaussians>(std::move(components), seed);
}

}  // namespace fgan
