// What goes wrong: every call of NVIDIA's libraries fails once, and each failure ends in one error in words, with nothing left behind.
#include <doctest/doctest.h>

#include <functional>

#include "base/error.h"
#include "base/format.h"
#include "device/cuda/device.h"
#include "double/double.h"
#include "double/training.h"
#include "kernels/stream.h"

namespace fgan::cuda_double {
namespace {

using Result = std::vector<std::byte>;

// A step of dense layers, from the device to the result on the host.
Result dense_step(const Double& libraries) {
  const auto device = make_cuda_device({.name = "cuda", .dtype = ComputeType::bf16}, libraries.api());
  Training training(*device, small_preset("mnist-mlp", Rule::alternating, {.batch = 2, .width = 2}));
  training.run();
  return training.state();
}

// One convolution with its epilogue, its plan raced for, recorded and replayed.
Result convolution(const Double& libraries) {
  const auto device = make_cuda_device({.name = "cuda"}, libraries.api());
  const ConvSpec spec{3, 1, 1};
  const Shape x{1, 3, 3, 2}, filter{2, 3, 3, 2};
  device->ops().prepare_conv({spec, ConvPass::forward, x, filter, x, DType::f32, {math::Activation::relu}, true});
  std::vector<float> values(200);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) - 3;
  const auto memory = device->allocate(values.size() * sizeof(float));
  auto* at = static_cast<float*>(memory->data());
  device->upload(at, values.data(), memory->bytes());
  const auto recording = device->record([&](Queue& queue) {
    device->ops().conv(queue, spec, {at, x}, {at + 20, filter}, {{math::Activation::relu}, {at + 60, {1, 1, 1, 2}}}, {at + 64, x});
  });
  recording->replay();
  Result result(static_cast<std::size_t>(x.count()) * sizeof(float));
  device->download(result.data(), at + 64, result.size());
  return result;
}

// "" when the run ended well, else the message of its Error(device).
std::string outcome(const std::function<Result(const Double&)>& run, const Double& libraries, Result& result) {
  try {
    result = run(libraries);
    return "";
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::device);
    return error.what();
  }
}

// plans: cuDNN's offers are tried one after another, so that one that fails leaves others.
enum class Tolerates { nothing, plans };

void fail_each_call(const std::function<Result(const Double&)>& run, Tolerates tolerates) {
  Double libraries;
  const Result right = run(libraries);
  const long calls = libraries.calls();
  long thrown = 0;
  for (long n = 1; n <= calls; ++n) {
    libraries.fail_call(n);
    Result result;
    const std::string message = outcome(run, libraries, result);
    const std::string failed = libraries.failed();
    INFO("call ", n, " of ", calls, ", ", failed, ": ", message);
    CHECK(libraries.leaks() == "");
    const bool last_words = failed.find("Destroy") != std::string::npos || failed.find("Free") != std::string::npos || failed.empty();
    if (!message.empty()) {
      ++thrown;
      continue;
    }
    CHECK((last_words || tolerates == Tolerates::plans));
    CHECK(result == right);
  }
  MESSAGE(format("{} calls, {} of them end the run when they fail", calls, thrown));
  CHECK(thrown > calls / 10);
}

}  // namespace

TEST_SUITE("shim") {
  TEST_CASE("whichever call fails in a step of dense layers, the run ends in words and leaves nothing behind") {
    fail_each_call(dense_step, Tolerates::nothing);
  }
  TEST_CASE("whichever call fails around a convolution, the run ends in words or right, and leaves nothing behind") {
    fail_each_call(convolution, Tolerates::plans);
  }
}

TEST_SUITE("fast shim") {
  TEST_CASE("an error says which call failed where, and after one that ends the process that it must be started again") {
    Double libraries;
    const auto device = make_cuda_device({.name = "cuda"}, libraries.api());
    const auto recording = device->record([](Queue&) {});
    libraries.fail_call(1);
    CHECK_THROWS_WITH_AS(recording->replay(), doctest::Contains("cudaGraphLaunch failed: unknown error (device.cpp:"), Error);
    recording->replay();
    libraries.fail_call(1, cudaErrorIllegalAddress);
    CHECK_THROWS_WITH_AS(device->queue().wait(), doctest::Contains("an illegal memory access was encountered"), Error);
    libraries.fail_call(1, cudaErrorIllegalAddress);
    CHECK_THROWS_WITH_AS(device->queue().wait(), doctest::Contains("start the program again"), Error);
    CHECK_THROWS_WITH_AS(kernels::launch_failed("game", "too many threads"), "the kernel game could not be started: too many threads",
                         Error);
  }

  TEST_CASE("memory that is not there is refused with what is wanted, what is free and what helps") {
    Double libraries({.memory = std::size_t{100} << 20});
    const auto device = make_cuda_device({.name = "cuda"}, libraries.api());
    const auto some = device->allocate(std::size_t{40} << 20);
    CHECK_THROWS_WITH_AS(
        device->allocate(std::size_t{70} << 20),
        "the GPU has not enough memory for another 70 MiB: 59 of its 100 MiB are free; a smaller batch, width or image needs less", Error);
    device->allocate(std::size_t{50} << 20);
  }

  TEST_CASE("a machine without a usable GPU is told what it lacks") {
    const auto refusal = [](const Machine& machine) -> std::string {
      Double libraries(machine);
      try {
        make_cuda_device({.name = "cuda"}, libraries.api());
        return "";
      } catch (const Error& error) {
        CHECK(error.exit() == Exit::device);
        return error.what();
      }
    };
    CHECK(refusal({}) == "");
    CHECK(refusal({.driver = 0}) == "no CUDA device: there is no NVIDIA driver on this machine");
    CHECK(refusal({.driver = 12040}) ==
          "no CUDA device: the NVIDIA driver is too old: it serves CUDA 12.4, this program needs 13.0 or newer; update the driver");
    CHECK(refusal({.devices = 0}) == "no CUDA device: the NVIDIA driver sees no GPU (CUDA_VISIBLE_DEVICES may hide it)");
    CHECK(refusal({.compute = 75}) ==
          "no CUDA device: a GPU of the imagination is of compute capability 7.5, this program has kernels for 8.0 and newer");
  }

  TEST_CASE("the GPU that is asked for by number is used, or it is said how many there are") {
    Double libraries({.devices = 2});
    make_cuda_device({.name = "cuda:1"}, libraries.api(), {}, 1);
    CHECK(libraries.gpu() == 1);
    CHECK_THROWS_WITH(make_cuda_device({.name = "cuda:2"}, libraries.api(), {}, 2),
                      "no CUDA device: cuda:2 is not there: the NVIDIA driver sees 2 GPUs, counted from 0");
  }

  TEST_CASE("a GPU that does not answer is no device, in words") {
    Double libraries;
    for (long n = 1; n <= 4; ++n) {
      libraries.fail_call(n);
      INFO(n);
      CHECK(cuda::why_not(libraries.api()) != "");
    }
    libraries.fail_call(5);
    CHECK(cuda::why_not(libraries.api()) == "");
  }

  TEST_CASE("what may not be recorded ends the recording, and the device goes on") {
    Double libraries;
    const auto device = make_cuda_device({.name = "cuda"}, libraries.api());
    CHECK_THROWS_AS(device->record([&](Queue&) { device->allocate(4); }), std::logic_error);
    CHECK_THROWS_AS(device->record([&](Queue& queue) { queue.wait(); }), Error);
    CHECK_THROWS_WITH(device->record([](Queue&) { throw std::runtime_error("of its own"); }), "of its own");
    // Scratch that nobody asked for before the recording, and that which was never asked for.
    const Shape shape{64, 8, 8, 256};
    const auto memory = device->allocate(static_cast<std::size_t>(shape.count()) * sizeof(float)), sums = device->allocate(1024);
    const Tensor numbers{memory->data(), shape}, sum{sums->data(), {1, 1, 1, 256}};
    const auto bias_gradient = [&](Queue& queue) { device->ops().bias_act_grad(queue, {}, numbers, numbers, numbers, sum); };
    CHECK_THROWS_AS(bias_gradient(device->queue()), std::logic_error);
    CHECK_THROWS_AS(device->record([&](Queue& queue) {
      device->ops().prepare_channels(shape);
      bias_gradient(queue);
    }),
                    std::logic_error);
    const auto recording = device->record(bias_gradient);
    recording->replay();
    device->queue().wait();
  }
}

}  // namespace fgan::cuda_double
