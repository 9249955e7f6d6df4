// Scalar functions against their definitions in long double and against asymptotes; activations; schedules.
#include <doctest/doctest.h>

#include <cmath>

#include "cases.h"
#include "dual.h"
#include "math/activation.h"
#include "math/schedule.h"

using namespace fgan::math;
using namespace fgan::test;

TEST_SUITE("fast") {
  TEST_CASE("softplus, its logarithm and its slope keep a relative error of a few roundings") {
    for (double x = -700; x <= 700; x += 0.37) {
      CAPTURE(x);
      const long double e = std::exp(static_cast<long double>(-std::fabs(x)));
      const long double exact = std::log1p(e) + (x > 0 ? x : 0.0), slope = x > 0 ? 1 / (1 + e) : e / (1 + e);
      CHECK(std::fabs(softplus(x) - exact) <= 4 * kEps64 * exact);
      CHECK(std::fabs(sigmoid(x) - slope) <= 4 * kEps64 * slope);
      CHECK(std::fabs(log_softplus(x) - std::log(exact)) <= 4 * kEps64 * (1 + std::fabs(std::log(exact))));
      CHECK(std::fabs(log_softplus_slope(x) - slope / exact) <= 8 * kEps64 * slope / exact);
      CHECK(std::fabs(inverse_log_softplus(log_softplus(x)) - x) <= 8 * kEps64 * (1 + std::fabs(x)));
      const double near = static_cast<float>(x);
      CHECK(std::fabs(log_softplus(static_cast<float>(x)) - log_softplus(near)) <= 4 * kEps32 * (1 + std::fabs(log_softplus(near))));
    }
    CHECK(log_softplus(-1e30f) == -1e30f);
  }

  TEST_CASE("log_omega1p solves y + e^y - 1 = d to a few roundings, in f64 and f32") {
    for (double size = 1e-12; size < 1e38; size *= 1.3) {
      for (double d : {size, -size}) {
        CAPTURE(d);
        const double y = log_omega1p(d);
        CHECK(std::fabs(y + std::expm1(y) - d) <= 4 * kEps64 * (std::fabs(d) + std::fabs(y) * (1 + std::exp(y))));
        const float narrow = log_omega1p(static_cast<float>(d));
        CHECK(std::fabs(narrow - y) <= 4 * kEps32 * std::fabs(y));
      }
    }
    CHECK(log_omega1p(0.0) == 0);
    CHECK(std::isfinite(log_omega1p(static_cast<float>(kLargest))));
  }

  TEST_CASE("log(1 - e^-y) and y / (e^y - 1) keep their digits where y underflows and where e^-y does") {
    for (double y = 1e-16; y < 600; y *= 1.17) {
      CAPTURE(y);
      const long double e = std::exp(-static_cast<long double>(y));
      const long double exact = y < 1 ? std::log(-std::expm1(-static_cast<long double>(y))) : std::log1p(-e);
      CHECK(std::fabs(log1mexp(y, std::log(y)) - exact) <= 4 * kEps64 * std::fabs(exact));
      CHECK(std::fabs(over_expm1(y) - y / std::expm1(static_cast<long double>(y))) <= 4 * kEps64 * over_expm1(y));
    }
    CHECK(log1mexp(0.0, -800.0) == -800);
    CHECK(over_expm1(kInfinity) == 0);
  }

  TEST_CASE("the slope of every activation, taken from its output, is its derivative") {
    for (Activation kind :
         {Activation::none, Activation::relu, Activation::leaky_relu, Activation::elu, Activation::tanh, Activation::sigmoid}) {
      for (float slope : {0.2f, 1.0f}) {
        const ActivationSpec spec{kind, slope};
        CAPTURE(static_cast<int>(kind));
        for (double x = -6.05; x < 6; x += 0.1) {
          CAPTURE(x);
          const Dual y = value(spec, variable(x));
          // 1 - y^2 and y + slope cancel where y saturates: an absolute error of a rounding of y
          CHECK(std::fabs(slope_from_output(spec, y.a) - y.b) <= 4 * kEps64);
          CHECK(std::fabs(value(spec, static_cast<float>(x)) - y.a) <= 4 * kEps32 * (1 + std::fabs(x)));
        }
      }
      CHECK(std::isnan(value(ActivationSpec{kind, 0.2f}, std::nan(""))));
    }
  }

  TEST_CASE("elu is e^x - 1 below zero whatever the slope of leaky relu (Clevert et al. 2016)") {
    for (const float slope : {0.0f, 0.2f, 1.0f}) {
      const ActivationSpec elu{Activation::elu, slope};
      CHECK(value(elu, -2.0) == std::expm1(-2.0));
      CHECK(slope_from_output(elu, std::expm1(-2.0)) == doctest::Approx(std::exp(-2.0)));
    }
  }

  TEST_CASE("a schedule warms up to its rate, falls to its final fraction at the horizon, and stays there") {
    const Schedule constant{ScheduleKind::constant, 0.5, 0, 0, 0};
    CHECK(rate_at(constant, 0) == 0.5);
    CHECK(rate_at(constant, 1000000) == 0.5);
    for (ScheduleKind kind : {ScheduleKind::linear, ScheduleKind::cosine}) {
      const Schedule s{kind, 2.0, 10, 110, 0.25};
      CHECK(rate_at(s, 0) == doctest::Approx(0.2));
      CHECK(rate_at(s, 9) == 2.0);
      CHECK(rate_at(s, 10) == 2.0);
      CHECK(rate_at(s, 60) == doctest::Approx(1.25));
      CHECK(rate_at(s, 110) == doctest::Approx(0.5));
      CHECK(rate_at(s, 100000) == doctest::Approx(0.5));
      for (std::int64_t step = 10; step < 110; ++step) CHECK(rate_at(s, step + 1) < rate_at(s, step));
    }
    CHECK(rate_at({ScheduleKind::linear, 1.0, 5, 5, 0.1}, 5) == doctest::Approx(0.1));
  }

  TEST_CASE("every divergence is found under its id with the name the user types") {
    CHECK(std::string(name_of(DivergenceId::total_variation)) == "total-variation");
    CHECK(std::string(name_of(DivergenceId::alpha)) == "alpha");
    for (const DivergenceInfo& info : kDivergences) {
      CHECK(info_of(info.id).name == info.name);
      const std::string visited = visit({info.id, Parametrization::paper, 0.5}, [](const auto& f) { return std::string(f.name); });
      CHECK(visited == info.name);
    }
    CHECK(info_of(DivergenceId::weighted_js).has_parameter);
    CHECK_FALSE(info_of(DivergenceId::kl).has_parameter);
  }
}
