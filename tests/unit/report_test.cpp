// metrics.jsonl and the progress line.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "report/console.h"
#include "report/metrics.h"
#include "scratch.h"

namespace fgan {
namespace {

using test::Scratch;
using test::text_of;

using Metrics = std::vector<std::pair<std::string, double>>;

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a metrics line has whole numbers whole, others shortest, and null for what is not finite") {
    const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
    CHECK(metrics_line(Metrics{{"step", 12}, {"a", 0.1}, {"b", -3}, {"c", 1e-8}, {"d", 1e20}}) ==
          R"({"step": 12, "a": 0.1, "b": -3, "c": 1e-08, "d": 1e+20, "non_finite": 0})");
    CHECK(metrics_line(Metrics{{"step", 1}, {"a", nan}, {"b", -infinity}, {"c", 2.5}}) ==
          R"({"step": 1, "a": null, "b": null, "c": 2.5, "non_finite": 2})");
  }

  TEST_CASE("a metric that another hand made no finite number is passed over") {
    const Scratch scratch;
    const auto path = scratch.file("metrics.jsonl", "{\"step\": 1, \"a\": 0.5}\n{\"step\": 2, \"a\": nan}\n{\"step\": 3, \"a\": -inf}\n");
    CHECK(read_metric(path, "a") == std::map<std::int64_t, double>{{1, 0.5}});
  }

  TEST_CASE("metrics of steps after the checkpoint and torn lines are dropped when training goes on") {
    const std::string one = metrics_line(Metrics{{"step", 1}, {"a", 1}}) + "\n", two = metrics_line(Metrics{{"step", 20}, {"a", 2}}) + "\n",
                      three = metrics_line(Metrics{{"step", 300}, {"a", 3}}) + "\n";
    CHECK(metrics_up_to(one + two + three, 20) == one + two);
    CHECK(metrics_up_to(one + two + three.substr(0, 15), 1000) == one + two);
    CHECK(metrics_up_to(one + two + three.substr(0, three.size() - 1), 1000) == one + two);
    CHECK(metrics_up_to(one + "{\"step\": 2" + "\n" + two, 20) == one + two);
    CHECK(metrics_up_to(one, 0).empty());
    CHECK(metrics_up_to("", 5).empty());
  }

  TEST_CASE("a metrics file that is opened again goes on after the step of the checkpoint") {
    const Scratch folder;
    const std::filesystem::path path = folder / "metrics.jsonl";
    {
      MetricsFile file(path, 0);
      file.write(Metrics{{"step", 1}});
      file.write(Metrics{{"step", 2}});
    }
    LineFile(path).append("{\"step\": 3, \"a");
    MetricsFile(path, 1).write(Metrics{{"step", 2}, {"again", 1}});
    CHECK(text_of(path) == "{\"step\": 1, \"non_finite\": 0}\n{\"step\": 2, \"again\": 1, \"non_finite\": 0}\n");
  }

  TEST_CASE("the progress line never exceeds its width and loses its last figures first") {
    ProgressFigures figures{.step = 120, .steps = 1000, .images_per_s = 4512.3, .bound = -0.53214, .seconds_left = 130};
    CHECK(progress_line(figures, 200) == "step 120/1000  12 %  4512 images/s  bound -0.5321  2m10s left");
    CHECK(progress_line(figures, 40) == "step 120/1000  12 %  4512 images/s");
    CHECK(progress_line(figures, 5).empty());
    for (std::size_t width = 0; width < 80; ++width) CHECK(progress_line(figures, width).size() <= width);
    CHECK(progress_line({.step = 999, .steps = 1000}, 80) == "step 999/1000  99 %");
    CHECK(progress_line({.step = 0, .steps = 0}, 80) == "step 0/0  100 %");
  }

  TEST_CASE("durations are short") {
    CHECK(duration_text(0) == "0s");
    CHECK(duration_text(6.2) == "7s");
    CHECK(duration_text(3725) == "1h02m");
    CHECK(duration_text(200000) == "2d07h");
  }
}

}  // namespace fgan
