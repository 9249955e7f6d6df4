// Which devices there are on this machine, and what is said where there is none.
#include <doctest/doctest.h>

#include "base/error.h"
#include "device/device.h"

namespace fgan {

TEST_SUITE("fast") {
  TEST_CASE("the GPU comes first among the devices, with the reason where it cannot be used") {
    const std::vector<DeviceInfo> devices = list_devices();
    REQUIRE(devices.size() == 3);
    CHECK(devices[0].name == "cuda");
    CHECK(devices[2].name == "naive");
    CHECK(devices[0].what.size() > 10);
  }

  TEST_CASE("a GPU that is asked for and not there is a refusal with the reason that the list gives") {
    const DeviceInfo gpu = list_devices().front();
    if (gpu.available) {
      CHECK(make_device({.name = "cuda"})->isa().starts_with("sm_"));
      return;
    }
    try {
      make_device({.name = "cuda"});
      FAIL("there is no GPU");
    } catch (const Error& error) {
      CHECK(error.exit() == Exit::device);
      CHECK(error.what() == "no CUDA device: " + gpu.what + "; device = cpu needs none");
    }
  }

  TEST_CASE("a GPU is named by its number, and what is no number is no device") {
    const auto exit_of = [](const char* name) {
      try {
        return make_device({.name = name}) ? Exit::done : Exit::internal;
      } catch (const Error& error) {
        return error.exit();
      }
    };
    CHECK(exit_of("cuda:1000") == Exit::device);
    for (const char* name : {"cuda:", "cuda:x", "cuda:1x", "cuda:-1", "cuda1", "cuda: 1", "cuda:99999999999"})
      CHECK(exit_of(name) == Exit::usage);
  }

  TEST_CASE("only the cpu has routes for convolutions") {
    try {
      make_device({.name = "naive", .conv = ConvRoute::winograd});
      FAIL("no such device");
    } catch (const Error& error) {
      CHECK(error.exit() == Exit::usage);
      CHECK(std::string(error.what()) == "device.conv = winograd needs device = cpu");
    }
  }

  TEST_CASE("what products compute in must be something that the device can") {
    CHECK(make_device({.name = "naive", .dtype = ComputeType::bf16})->activations() == DType::bf16);
    for (const char* name : {"naive", "cpu"}) try {
        make_device({.name = name, .dtype = ComputeType::tf32});
        FAIL("no such device");
      } catch (const Error& error) {
        CHECK(error.exit() == Exit::usage);
        CHECK(std::string(error.what()).find("needs device = cuda") != std::string::npos);
      }
  }
}

}  // namespace fgan
