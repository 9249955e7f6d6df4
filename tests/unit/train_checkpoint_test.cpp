#include "train/checkpoint.h"

#include <doctest/doctest.h>
#include <atomic>
#include <thread>

#include "scratch.h"
#include "train/keep.h"
#include "train/rollback.h"

using namespace fgan;
using namespace fgan::test;

namespace {

void write_checkpoint(const std::filesystem::path& path, std::int64_t step) {
  const CheckpointHeader header{.step = step, .data_shape = {1, 2, 2, 1}, .threads = 1, .device = "cpu", .settings = {}};
  write_safetensors(path, {to_metadata(header), {{"x", DType::u8, {1}, {std::byte{7}}}}});
}

class Run : public Scratch {
 public:
  Run() { make_folder(folder() / "checkpoints"); }
  std::vector<std::int64_t> steps() const {
    std::vector<std::int64_t> all;
    for (const auto& [step, path] : checkpoint_files(folder())) all.push_back(step);
    return all;
  }
};

}  // namespace

TEST_SUITE("fast threads") {
  TEST_CASE("a checkpoint is found in a folder whose only one is replaced all the time") {
    const Run run;
    write_checkpoint(run / "whole", 1);
    const auto name = [&](std::int64_t step) { return checkpoint_path(run.folder(), step); };
    std::filesystem::create_hard_link(run / "whole", name(1));
    std::atomic<bool> stop = false;
    std::thread writer([&] {
      for (std::int64_t step = 2; !stop; ++step) {
        std::filesystem::create_hard_link(run / "whole", name(step));
        std::filesystem::remove(name(step - 1));
      }
    });
    constexpr int kLooks = 5000;
    int found = 0;
    for (int i = 0; i < kLooks; ++i) found += outcome([&] { newest_checkpoint(run.folder()).value(); }).exit == Exit::done;
    stop = true;
    writer.join();
    CHECK(found == kLooks);
  }
}

TEST_SUITE("fast") {
  TEST_CASE("steps of nine digits are newer than those of eight, and what has no step for a name is no checkpoint") {
    const Run run;
    write_checkpoint(checkpoint_path(run.folder(), 99'999'999), 99'999'999);
    write_checkpoint(checkpoint_path(run.folder(), 100'000'000), 100'000'000);
    for (const char* name : {"checkpoints/best.safetensors", "checkpoints/1.safetensors", "checkpoints/00000003.txt"}) run.file(name, "x");
    CHECK(run.steps() == std::vector<std::int64_t>{99'999'999, 100'000'000});
    CHECK(newest_checkpoint(run.folder()).value().header.step == 100'000'000);
    TrainOptions one;
    one.keep = 1;
    prune_checkpoints(run.folder(), 100'000'000, one);
    CHECK(run.steps() == std::vector<std::int64_t>{100'000'000});
    CHECK(std::filesystem::exists(run / "checkpoints/best.safetensors"));
  }
  TEST_CASE("the best checkpoint cannot be told without metrics, and nothing is removed then") {
    const Run run;
    for (const std::int64_t step : {1, 2, 3}) write_checkpoint(checkpoint_path(run.folder(), step), step);
    TrainOptions options;
    options.keep = 1;
    options.keep_best = true;
    options.checkpoint_every = 1;
    prune_checkpoints(run.folder(), 3, options);
    CHECK(run.steps().size() == 3);
    run.file("metrics.jsonl", "{\"step\": 1, \"bound\": 0.5}\n{\"step\": 2, \"bound\": null}\n{\"step\": 3, \"bound\": 0.75}\n");
    prune_checkpoints(run.folder(), 3, options);
    CHECK(run.steps() == std::vector<std::int64_t>{1, 3});
  }

  TEST_CASE("checkpoints written when somebody asked do not drive those of the schedule out") {
    const Run run;
    for (const std::int64_t step : {100, 200, 203, 207}) write_checkpoint(checkpoint_path(run.folder(), step), step);
    TrainOptions options;
    options.keep = 1;
    options.checkpoint_every = 100;
    prune_checkpoints(run.folder(), 207, options);
    CHECK(run.steps() == std::vector<std::int64_t>{200, 207});
  }

  TEST_CASE("a run goes back to the newest checkpoint of the schedule, and to the one before when it has tried that") {
    const Run run;
    const auto step_of = [](const std::optional<FoundCheckpoint>& found) { return found ? found->header.step : -1; };
    CHECK(step_of(point_of_return(run.folder(), 100, std::nullopt)) == -1);
    write_checkpoint(checkpoint_path(run.folder(), 207), 207);
    CHECK(step_of(point_of_return(run.folder(), 100, std::nullopt)) == 207);  // there is no other
    for (const std::int64_t step : {100, 200}) write_checkpoint(checkpoint_path(run.folder(), step), step);
    CHECK(step_of(point_of_return(run.folder(), 100, std::nullopt)) == 200);
    CHECK(step_of(point_of_return(run.folder(), 100, 100)) == 200);
    CHECK(step_of(point_of_return(run.folder(), 100, 200)) == 100);
    remove_checkpoints_after(run.folder(), 100);
    CHECK(run.steps() == std::vector<std::int64_t>{100});
    CHECK(step_of(point_of_return(run.folder(), 100, 100)) == 100);  // once more: the learning rates are lower
  }

  TEST_CASE("the number of roll backs and the last return are in the header, and without any nothing of them is") {
    CheckpointHeader header{.step = 3, .data_shape = {1, 2, 2, 1}, .threads = 1, .device = "cpu", .settings = {}};
    const auto read_back = [&] { return header_of({to_metadata(header), {}}); };
    CHECK(to_metadata(header).contains("rollbacks") == false);
    CHECK(read_back().rollbacks == 0);
    header.rollbacks = 2;
    header.returned_to = 1;
    CHECK(read_back().rollbacks == 2);
    CHECK(read_back().returned_to == 1);
  }

  TEST_CASE("the newest whole checkpoint is taken; with none that can be read there is an error, and with none at all nothing") {
    const Run run;
    CHECK_FALSE(newest_checkpoint(run.folder()).has_value());
    CHECK(contains(outcome([&] { checkpoint_at(run.folder()); }).message, "holds no checkpoint"));
    run.file("checkpoints/00000002.safetensors", "torn");
    CHECK(contains(outcome([&] { newest_checkpoint(run.folder()); }).message, "none of the 1 checkpoints"));
    write_checkpoint(checkpoint_path(run.folder(), 1), 1);
    CHECK(newest_checkpoint(run.folder()).value().header.step == 1);
    CHECK(checkpoint_at(run.folder()).header.step == 1);
    CHECK(checkpoint_at(checkpoint_path(run.folder(), 1)).header.step == 1);
    const Outcome torn = outcome([&] { checkpoint_at(checkpoint_path(run.folder(), 2)); });
    CHECK(torn.exit == Exit::data);
    CHECK(contains(torn.message, "00000002.safetensors"));
    CHECK(contains(outcome([&] { checkpoint_at(run / "nowhere"); }).message, "does not exist"));
  }
  TEST_CASE("metadata that is no checkpoint's is refused by name") {
    const Run run;
    const CheckpointHeader good{.step = 1, .data_shape = {1, 2, 2, 1}, .threads = 1, .device = "cpu", .settings = {}};
    const auto refusal = [&](const char* key, const char* value) {
      SafeTensors file{to_metadata(good), {}};
      file.metadata.erase(key);
      if (value != nullptr) file.metadata[key] = value;
      write_safetensors(run / "file", file);
      return outcome([&] { read_checkpoint(run / "file"); }).message;
    };
    CHECK(refusal("format", "fgan checkpoint 2").empty());
    CHECK(contains(refusal("format", "fgan checkpoint 1"), "no checkpoint of this version"));
    CHECK(contains(refusal("format", nullptr), "no checkpoint of this version"));
    CHECK(contains(refusal("step", "1x"), "no whole number step"));
    CHECK(contains(refusal("step", "-1"), "impossible step"));
    CHECK(contains(refusal("data.width", nullptr), "no whole number data.width"));
    CHECK(contains(refusal("data.width", "0"), "impossible step or image size"));
    CHECK(contains(refusal("data.channels", "65537"), "impossible step or image size"));
    CHECK(refusal("data.channels", "65536").empty());
    const CheckpointHeader large{.step = 1, .data_shape = {1, 65536, 65536, 65536}, .threads = 1, .device = "cpu", .settings = {}};
    write_safetensors(run / "file", {to_metadata(large), {}});
    CHECK(contains(outcome([&] { read_checkpoint(run / "file"); }).message, "impossible step or image size"));
    CHECK(contains(refusal("threads", "99999999999999999999"), "no whole number threads"));
  }
}
