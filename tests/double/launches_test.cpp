// How much a training step launches, and what it says of that: counted at launch() and at the seam to the libraries, never timed.
#include <doctest/doctest.h>

#include <map>
#include <numeric>
#include <string_view>

#include "base/format.h"
#include "config/presets.h"
#include "device/cuda/device.h"
#include "double/double.h"
#include "double/training.h"

namespace fgan::cuda_double {
namespace {

constexpr Rule kRules[] = {Rule::single_step, Rule::alternating};
constexpr ComputeType kTypes[] = {ComputeType::f32, ComputeType::bf16};

std::unique_ptr<Device> device_on(const Double& libraries, ComputeType type) {
  return make_cuda_device({.name = "cuda", .dtype = type, .deterministic = true}, libraries.api());
}

bool is_of_library(const Work& work) { return std::string_view(work.name).starts_with("cu"); }

std::vector<Work> work_of_real_size(const Double& libraries, ComputeType type, std::string_view preset, Rule rule) {
  const auto device = device_on(libraries, type);
  return Training(*device, small_preset(preset, rule, {.batch = 128, .width = 0})).work();
}

double megabytes_of(const std::vector<Work>& work) {
  double bytes = 0;
  for (const Work& one : work) bytes += static_cast<double>(one.read + one.written);
  return 1e-6 * bytes;
}

// One line for each name: how often, bytes, operations.
std::string table_of(const std::vector<Work>& work) {
  struct Row {
    int launches = 0;
    double read = 0, written = 0, flops = 0;
  };
  std::map<std::string, Row> rows;
  for (const Work& one : work)
    for (Row* row : {&rows[one.name], &rows["~ together"]}) {
      ++row->launches;
      row->read += static_cast<double>(one.read);
      row->written += static_cast<double>(one.written);
      row->flops += one.flops;
    }
  std::string text = "| | launches | read MB | written MB | GFLOP |\n|---|---|---|---|---|\n";
  for (const auto& [name, row] : rows)
    text += format("| {} | {} | {:.2f} | {:.2f} | {:.2f} |\n", name, row.launches, 1e-6 * row.read, 1e-6 * row.written, 1e-9 * row.flops);
  return text;
}

}  // namespace

TEST_SUITE("shim") {
  TEST_CASE("what a recording says that it does is what the double of the libraries sees") {
    for (const Preset& preset : presets())
      for (const Rule rule : kRules)
        for (const ComputeType type : kTypes) {
          INFO(preset.name, ", ", to_string(rule), ", ", to_string(type));
          Double libraries;
          const auto device = device_on(libraries, type);
          Training training(*device, small_preset(preset.name, rule));
          const std::vector<Work> work = training.work();
          const std::vector<std::size_t> graphs = libraries.graphs();
          CHECK(work.size() == std::accumulate(graphs.begin(), graphs.end(), std::size_t{0}));
          libraries.forget_calls();
          training.run();
          long launches = 0, library_bytes = 0;
          for (const Work& one : work) {
            launches += one.name != std::string_view("copy");
            library_bytes += is_of_library(one) ? one.read + one.written : 0;
            CHECK(one.written > 0);
            CHECK((one.flops > 0) == is_of_library(one));
          }
          CHECK(launches == libraries.launches());
          CHECK(library_bytes == libraries.library_bytes());
        }
  }
}

TEST_SUITE("fast shim") {
  TEST_CASE("a step of real size launches and moves no more than it did") {
    struct Bound {
      const char* preset;
      Rule rule;
      std::size_t launches;
      double mb_in_f32, mb_in_bf16;
    };
    for (const Bound& bound : {Bound{"dcgan-64", Rule::single_step, 79, 3306, 1764}, Bound{"dcgan-64", Rule::alternating, 90, 3538, 1880},
                               Bound{"mnist-dcgan", Rule::alternating, 44, 214, 116}, Bound{"mnist-mlp", Rule::single_step, 39, 172, 151},
                               Bound{"mnist-mlp", Rule::alternating, 49, 175, 153}, Bound{"mixture", Rule::single_step, 24, 2, 1}})
      for (const ComputeType type : kTypes) {
        Double libraries;
        const std::vector<Work> work = work_of_real_size(libraries, type, bound.preset, bound.rule);
        MESSAGE(format("{}, {}, {}, batch 128:\n{}", bound.preset, to_string(bound.rule), to_string(type), table_of(work)));
        CHECK(work.size() <= bound.launches);
        CHECK(megabytes_of(work) <= (type == ComputeType::bf16 ? bound.mb_in_bf16 : bound.mb_in_f32));
      }
  }

  TEST_CASE("a step of a DCGAN has at most 93 launches even where cuDNN fuses nothing behind a convolution") {
    for (const Rule rule : kRules)
      for (const ComputeType type : {ComputeType::f32, ComputeType::tf32, ComputeType::bf16}) {
        Double libraries({.fused_convolutions = false});
        const std::size_t launches = work_of_real_size(libraries, type, "dcgan-64", rule).size();
        MESSAGE(format("{}, {}: {} launches", to_string(rule), to_string(type), launches));
        CHECK(launches <= 93);
      }
  }
}

}  // namespace fgan::cuda_double
