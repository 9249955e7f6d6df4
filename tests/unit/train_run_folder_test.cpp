#include "train/run_folder.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "scratch.h"

using namespace fgan;

TEST_SUITE("fast") {
  TEST_CASE("a run keeps what its device has chosen, and no file where nothing is chosen") {
    const auto folder = std::filesystem::temp_directory_path() / "fgan-run-folder-test";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    CHECK(choices_of(folder).empty());
    keep_choices(folder, "");
    CHECK(std::filesystem::is_empty(folder));
    keep_choices(folder, "fgan plans 1\na graph\t3 0=1\n");
    CHECK(choices_of(folder) == "fgan plans 1\na graph\t3 0=1\n");
    std::filesystem::remove_all(folder);
  }

  TEST_CASE("a setting that is newer than a run had its default there: the run goes on with it, and not with another value") {
    const test::Scratch scratch;
    make_folder(scratch.folder() / "checkpoints");
    scratch.file("config.ini", "");
    const CheckpointHeader header{
        .step = 3, .data_shape = {1, 2, 2, 1}, .threads = 1, .device = "cpu", .settings = {{"game.divergence", "kl"}}};
    write_safetensors(checkpoint_path(scratch.folder(), 3), {to_metadata(header), {{"x", DType::u8, {1}, {std::byte{7}}}}});
    const Settings defaults{{"game.divergence", "gan"}, {"data.mirror", "false"}};
    Settings now{{"game.divergence", "kl"}, {"data.mirror", "false"}};
    const auto found = continue_from(scratch.folder(), now, defaults, ConfigChange::refused);
    REQUIRE(found);
    CHECK(found->header.settings == now);
    now["data.mirror"] = "true";
    CHECK_THROWS_WITH_AS(continue_from(scratch.folder(), now, defaults, ConfigChange::refused),
                         doctest::Contains("data.mirror: false in the checkpoint, true now"), Error);
  }
}
