#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "data/dataset.h"
#include "scratch.h"

using namespace fgan;
using namespace fgan::test;

namespace {

DataOptions mixture(std::string means, std::vector<double> deviations, std::vector<double> weights = {}) {
  DataOptions options;
  options.kind = DataKind::gaussian_mixture;
  options.means = std::move(means);
  options.deviations = std::move(deviations);
  options.weights = std::move(weights);
  return options;
}

std::vector<float> sample(const Dataset& data, std::int64_t index) {
  std::vector<float> values(static_cast<std::size_t>(data.sample_shape().example()));
  data.read(index, std::as_writable_bytes(std::span(values)));
  return values;
}

void check_usage(const DataOptions& options, std::string_view part) {
  const Outcome result = outcome([&] { open_dataset(options, 1); });
  CHECK(result.exit == Exit::usage);
  CHECK_MESSAGE(contains(result.message, part), result.message);
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a density integrates to one and is the formula's") {
    const auto line = open_dataset(mixture("-1, 2", {0.5, 1}, {0.25, 0.75}), 1);
    const auto normal = [](double x, double m, double s) {
      return std::exp(-0.5 * (x - m) * (x - m) / (s * s)) / (s * std::sqrt(2 * M_PI));
    };
    std::vector<double> points;
    for (int i = -1000; i <= 1000; ++i) points.push_back(i * 0.01);
    const auto values = line->density(points);
    double integral = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      integral += 0.01 * values[i];
      REQUIRE(values[i] == doctest::Approx(0.25 * normal(points[i], -1, 0.5) + 0.75 * normal(points[i], 2, 1)).epsilon(1e-12));
    }
    CHECK(integral == doctest::Approx(1).epsilon(1e-9));

    const auto plane = open_dataset(mixture("-1 0, 1 0.5", {0.5, 1}), 1);
    CHECK(plane->sample_shape() == Shape{1, 1, 1, 2});
    const std::vector<double> origin{0.0, 0.0};
    CHECK(plane->density(origin)[0] ==
          doctest::Approx(0.5 * normal(0, -1, 0.5) * normal(0, 0, 0.5) + 0.5 * normal(0, 1, 1) * normal(0, 0.5, 1)));
  }
  TEST_CASE("samples have the moments of the mixture and its density's histogram") {
    const auto data = open_dataset(mixture("-1, 2", {0.5, 1}, {1, 3}), 7);
    constexpr int n = 40'000;
    double sum = 0, squares = 0, below = 0;
    for (int i = 0; i < n; ++i) {
      const double x = static_cast<double>(sample(*data, i)[0]);
      sum += x;
      squares += x * x;
      below += x < 0.5 ? 1 : 0;
    }
    // mean 0.25 * -1 + 0.75 * 2 = 1.25; E x^2 = 0.25 * 1.25 + 0.75 * 5 = 4.0625, standard errors sqrt(2.5 / n) and below 6 / sqrt(n): five
    // of them.
    CHECK(std::abs(sum / n - 1.25) < 5 * std::sqrt(2.5 / n));
    CHECK(std::abs(squares / n - 4.0625) < 5 * 6 / std::sqrt(n));
    const auto phi = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2)); };
    CHECK(std::abs(below / n - (0.25 * phi(3) + 0.75 * phi(-1.5))) < 5 * 0.5 / std::sqrt(n));
  }
  TEST_CASE("coordinates of a sample in the plane are uncorrelated around their mean") {
    const auto data = open_dataset(mixture("3 -2", {1}), 7);
    constexpr int n = 40'000;
    double x = 0, y = 0, xy = 0;
    for (int i = 0; i < n; ++i) {
      const auto s = sample(*data, i);
      const double a = static_cast<double>(s[0]) - 3, b = static_cast<double>(s[1]) + 2;
      x += a;
      y += b;
      xy += a * b;
    }
    for (const double moment : {x, y, xy}) CHECK(std::abs(moment) / n < 5 / std::sqrt(n));
  }
  TEST_CASE("a sample is a function of seed and index, and no index repeats") {
    const auto a = open_dataset(mixture("0", {1}), 1), b = open_dataset(mixture("0", {1}), 1), c = open_dataset(mixture("0", {1}), 2);
    CHECK(a->size() == std::int64_t{1} << 40);
    CHECK(sample(*a, 5) == sample(*b, 5));
    CHECK(sample(*a, 5) != sample(*c, 5));
    CHECK(sample(*a, 5) != sample(*a, 6));
    CHECK(sample(*a, (std::int64_t{1} << 40) - 1) != sample(*a, (std::int64_t{1} << 32) - 1));
  }
  TEST_CASE("contradictory or incomplete options are usage errors that name the key") {
    check_usage({}, "data.path");
    check_usage(mixture("", {1}), "data.means");
    check_usage(mixture("-1, 1", {}), "data.deviations");
    check_usage(mixture("-1, 1", {1}), "data.deviations has 1 value, data.means has 2 components");
    check_usage(mixture("-1, 1", {1, 0}), "positive");
    check_usage(mixture("-1, 1", {1, 1}, {1, -1}), "data.weights holds -1");
    check_usage(mixture("-1, 1", {1, 1}, {1, 1, 1}), "data.weights has 3 values");
    check_usage(mixture("-1, 1", {1, 1}, {1, std::nan("")}), "positive");
    check_usage(mixture("1, x", {1, 1}), "'1, x'");
    check_usage(mixture("1,", {1}), "'1,'");
    check_usage(mixture("1, inf", {1, 1}), "inf");
    check_usage(mixture("1, -1e39", {1, 1}), "data.means holds -1e+39");
    check_usage(mixture("1", {1e39}), "data.deviations holds 1e+39");
    check_usage(mixture("1", {1e-200}), "data.deviations holds 1e-200");
    check_usage(mixture("1, 2", {1, 1}, {1e308, 1e308}), "data.weights holds 1e+308");
    check_usage(mixture("1 2, 3", {1, 1}), "one number each, or two each");
    check_usage(mixture("1 2 3", {1}), "one number each");
    check_usage(mixture("1-2", {1}), "'1-2'");
    DataOptions both = mixture("0", {1});
    both.path = "somewhere";
    check_usage(both, "'somewhere'");
    DataOptions kindless = mixture("0", {1});
    kindless.kind = DataKind::automatic;
    check_usage(kindless, "gaussian-mixture");
  }
}
