// The file of choices: what is written is read, and what is damaged or from elsewhere is passed over.
#include <doctest/doctest.h>

#include "device/cuda/plan_choices.h"
#include "unit/scratch.h"

namespace fgan {

using cuda::PlanChoices;

TEST_SUITE("fast") {
  TEST_CASE("choices of plans come back from a file, and files grow together") {
    const test::Scratch scratch;
    const auto file = scratch / "a/folder/plans.txt";
    PlanChoices one, other;
    one.set("job 1", "62 2=0");
    other.set("job 2", "25");
    cuda::save_choices(file, one);
    cuda::save_choices(file, other);
    const PlanChoices both = cuda::load_choices(file);
    CHECK(both.text() == "fgan plans 1\njob 1\t62 2=0\njob 2\t25\n");
    REQUIRE(both.find("job 1") != nullptr);
    CHECK(*both.find("job 1") == "62 2=0");
    CHECK(both.find("job 3") == nullptr);
    one.set("job 1", "7");
    cuda::save_choices(file, one);
    CHECK(*cuda::load_choices(file).find("job 1") == "7");
  }

  TEST_CASE("lines that say no choice are passed over, and a line that was cut off") {
    const std::string text = std::string("fgan plans 1\nno tab\n\tno job\nno choice\t\nright\t3\nzero\t\0 4\n", 59) + "cut\t62 2=";
    PlanChoices choices;
    choices.merge(text);
    CHECK(choices.text() == "fgan plans 1\nright\t3\n");
  }

  TEST_CASE("files of another version, of other kinds and none at all say nothing") {
    const test::Scratch scratch;
    for (const std::string_view text : {"fgan plans 2\njob\t3\n", "job\t3\n", "",
                                        "\x7f"
                                        "ELF\n"})
      CHECK(cuda::load_choices(scratch.file("plans.txt", text)).text().empty());
    CHECK(cuda::load_choices(scratch / "missing").text().empty());
    CHECK(cuda::load_choices(scratch.folder()).text().empty());
    CHECK(cuda::load_choices({}).text().empty());
  }

  TEST_CASE("where choices cannot be written, training goes on") {
    const test::Scratch scratch;
    PlanChoices choices;
    choices.set("job", "3");
    scratch.file("taken", "a file where a folder should be");
    CHECK_NOTHROW(cuda::save_choices(scratch / "taken/plans.txt", choices));
    CHECK(test::text_of(scratch / "taken") == "a file where a folder should be");
  }

  TEST_CASE("choices are kept where the user's caches are") {
    ::setenv("HOME", "/home/somebody", 1);
    ::setenv("XDG_CACHE_HOME", "/var/somewhere", 1);
    CHECK(cuda::default_choices_file() == "/var/somewhere/fgan/plans.txt");
    ::setenv("XDG_CACHE_HOME", "relative", 1);
    CHECK(cuda::default_choices_file() == "/home/somebody/.cache/fgan/plans.txt");
    ::unsetenv("XDG_CACHE_HOME");
    CHECK(cuda::default_choices_file() == "/home/somebody/.cache/fgan/plans.txt");
    ::unsetenv("HOME");
    CHECK(cuda::default_choices_file().empty());
  }
}

}  // namespace fgan
