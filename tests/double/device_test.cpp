// The device itself: uploads that do not wait, scratch that grows under recordings, plans that are kept, libraries that are looked for.
#include <doctest/doctest.h>

#include <dlfcn.h>
#include <link.h>

#include <filesystem>
#include <numeric>

#include "base/file.h"
#include "base/format.h"
#include "device/cuda/device.h"
#include "device/cuda/libraries.h"
#include "device/ops.h"
#include "double/double.h"

namespace fgan::cuda_double {
namespace {

namespace fs = std::filesystem;

// A folder of its own that goes with the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / format("fgan-double-{}", static_cast<const void*>(this));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

std::string text_of(const fs::path& file) {
  const std::vector<std::byte> bytes = read_file(file, 1 << 20);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ConvJob small_job() {
  ConvJob job{{3, 1, 1}, ConvPass::forward, {1, 5, 5, 2}, {3, 3, 3, 2}, {1, 5, 5, 3}};
  job.bias = true;
  return job;
}

}  // namespace

TEST_SUITE("fast shim") {
  TEST_CASE("the device says what it is") {
    Double libraries;
    const auto device = make_cuda_device({.name = "cuda", .dtype = ComputeType::bf16, .deterministic = true}, libraries.api());
    CHECK(device->description() ==
          "cuda: a GPU of the imagination, sm_90, 4 GiB, driver for CUDA 13.0, runtime 13.0, cuDNN 9.19.0, cuBLASLt 13.1.0, products in "
          "bf16, deterministic plans");
    CHECK(device->isa() == "sm_90");
    CHECK(device->activations() == DType::bf16);
    CHECK(make_cuda_device({.dtype = ComputeType::tf32}, libraries.api())->activations() == DType::f32);
  }

  TEST_CASE("an upload returns at once until the GPU is a whole ring behind, and what is large goes in pieces") {
    Double libraries({.slow_events = true});
    const auto device = make_cuda_device({.name = "cuda"}, libraries.api());
    const auto memory = device->allocate(20 << 20);
    std::vector<std::uint32_t> values(memory->bytes() / 4), back(values.size());
    std::iota(values.begin(), values.end(), 1u);
    libraries.forget_calls();
    for (int i = 0; i < 4; ++i) device->upload(memory->data(), values.data(), 100);
    CHECK(libraries.calls("cudaEventSynchronize") == 0);
    device->upload(memory->data(), values.data(), 100);
    CHECK(libraries.calls("cudaEventSynchronize") == 1);
    device->upload(memory->data(), values.data(), memory->bytes());
    CHECK(libraries.calls("cudaMemcpyAsync") == 5 + 3);
    device->download(back.data(), memory->data(), memory->bytes());
    CHECK(back == values);
  }

  TEST_CASE("a recording keeps its scratch when later ones need more") {
    Double libraries;
    const auto device = make_cuda_device({.name = "cuda"}, libraries.api());
    const Shape small{8, 2, 2, 3}, large{600, 20, 20, 3};
    const auto memory = device->allocate(static_cast<std::size_t>(large.count()) * sizeof(float));
    const auto sums = device->allocate(6 * sizeof(float));
    const std::vector<float> ones(static_cast<std::size_t>(large.count()), 1.0f);
    const auto gradient = [&](const Shape& shape) {
      return [&device, &memory, &sums, shape](Queue& queue) {
        const Tensor t{memory->data(), shape};
        device->ops().bias_act_grad(queue, {}, t, t, t, {sums->data(), {1, 1, 1, 3}});
      };
    };
    device->upload(memory->data(), ones.data(), memory->bytes());
    device->ops().prepare_channels(small);
    const auto first = device->record(gradient(small));
    device->ops().prepare_channels(large);
    const auto second = device->record(gradient(large));
    std::vector<float> found(3);
    for (const auto& [recording, expected] :
         {std::pair{first.get(), 32.0f}, std::pair{second.get(), 240000.0f}, std::pair{first.get(), 32.0f}}) {
      recording->replay();
      device->download(found.data(), sums->data(), 12);
      CHECK(found == std::vector<float>(3, expected));
    }
  }

  TEST_CASE("the fastest engine that is permitted is taken, written down and not raced for again") {
    const Folder folder;
    const fs::path file = folder.path / "plans.txt";
    Double libraries;
    const auto executions = [&](const DeviceOptions& options) {
      libraries.forget_calls();
      make_cuda_device(options, libraries.api(), file)->ops().prepare_conv(small_job());
      return libraries.calls("cudnnBackendExecute");
    };
    CHECK(executions({}) > 10);
    CHECK(text_of(file).find("\t3 ") != std::string::npos);
    CHECK(executions({}) == 0);
    CHECK(executions({.deterministic = true}) == 0);  // by its rule
    CHECK(executions({.dtype = ComputeType::tf32}) > 10);
    CHECK(text_of(file).find("tf32, workspace 536870912\t2\n") != std::string::npos);
  }

  TEST_CASE("libraries are looked for in the user's folders, beside the program, in toolkits and where Python keeps packages") {
    const Folder folder;
    const fs::path root = folder.path;
    const auto make = [&](const char* name) {
      fs::create_directories(root / name);
      return root / name;
    };
    const std::vector<fs::path> expected{make("mine"), make("lib"), make("toolkit/lib64"),
                                         make("venv/lib/python3.11/site-packages/nvidia/cudnn/lib"),
                                         make("usr/lib/python3.12/dist-packages/nvidia/cu13/lib")};
    make("usr/bin");
    write_file(root / "usr/bin/python3", std::string("not to be run"));
    const cuda::Surroundings s{(root / "none").string() + ":" + (root / "mine").string() + "::" + (root / "mine").string(),
                               "/nowhere:" + (root / "usr/bin").string(),
                               root / "venv",
                               {"", root / "toolkit"},
                               root / "bin" / "fgan"};
    CHECK(cuda::library_folders(s) == expected);
    CHECK(cuda::library_folders({}).empty());
    CHECK(!cuda::surroundings().program.empty());
  }

  TEST_CASE("a library is found by its name, in a folder, or not at all") {
    const Folder folder;
    void* libc = cuda::load_library({"libthere-is-none.so.1", "libc.so.6"}, {});
    REQUIRE(libc != nullptr);
    link_map* map = nullptr;
    REQUIRE(dlinfo(libc, RTLD_DI_LINKMAP, &map) == 0);
    fs::create_symlink(map->l_name, folder.path / "libfgan-odd.so");
    CHECK(cuda::load_library({"libfgan-odd.so"}, {"/nowhere", folder.path}) == libc);
    CHECK(cuda::load_library({"libfgan-odd.so"}, {}) == nullptr);
  }

  TEST_CASE("the machine's own libraries come whole or with a reason") {
    std::string reason = "of before";
    const cuda::Api* api = cuda::real_api(reason);
    CHECK((api != nullptr) == reason.empty());
    if (api != nullptr) CHECK((api->cudnnBackendExecute != nullptr));
    else CHECK(reason.size() > 20);
  }
}

}  // namespace fgan::cuda_double
