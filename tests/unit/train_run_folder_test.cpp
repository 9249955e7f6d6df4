#include <doctest/doctest.h>

#include <filesystem>

#include "train/run_folder.h"

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
}
