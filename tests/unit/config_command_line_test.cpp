// Words to commands, and one line for every wrong word.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "config/command_line.h"
#include "config/presets.h"

namespace fgan {
namespace {

using Words = std::vector<std::string>;

template <class C>
C parsed(const Words& words) {
  return std::get<C>(parse_command_line(words, {}).command);
}

std::string refusal(const Words& words, const Environment& environment = {}) {
  try {
    parse_command_line(words, environment);
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("fgan sample") {
    const auto sample = parsed<SampleCommand>({"sample", "runs/a", "-n", "9", "-o", "x.png", "--seed=4", "--device=cpu", "--threads=2"});
    CHECK(sample.source == "runs/a");
    CHECK(sample.options.count == 9);
    CHECK(sample.options.output == "x.png");
    CHECK(sample.options.seed == 4);
    CHECK(sample.device.name == "cpu");
    CHECK(sample.device.threads == 2);
    CHECK(parsed<SampleCommand>({"sample", "--count=3", "--output", "y.png", "runs/a"}).options.count == 3);
    CHECK(refusal({"sample"}) == "sample from what? fgan sample RUN|CHECKPOINT");
    CHECK(refusal({"sample", "a", "b"}) == "unexpected word 'b'");
  }

  TEST_CASE("fgan bench and fgan list") {
    const auto bench = parsed<BenchCommand>(
        {"bench", "step", "--model=mlp", "--size=28", "--batch=64", "--dtype=f32", "--rule=single-step", "--device=cpu", "--json"});
    CHECK(bench.step.model == Architecture::mlp);
    CHECK(bench.step.rule == Rule::single_step);
    CHECK(bench.step.size == 28);
    CHECK(bench.repeats.batch == 64);
    const auto loader = parsed<BenchCommand>({"bench", "loader", "--data=photos", "--images=9"});
    CHECK(loader.subject == BenchSubject::loader);
    CHECK(loader.data.path == "photos");
    CHECK(loader.pictures.images == 9);
    const auto training = parsed<BenchCommand>({"bench", "train", "--preset=mixture", "--steps=9", "--json"});
    CHECK(training.training.config.train.steps == 9);
    CHECK(training.json);
    CHECK(bench.json);
    CHECK(parsed<ListCommand>({"list", "devices", "--json"}).json);
    CHECK(refusal({"list"}) == "list what? divergences, devices or presets");
    CHECK(refusal({"list", "devics"}) == "list: 'devics' is not one of divergences, devices or presets; did you mean 'devices'?");
    CHECK(refusal({"bench"}) == "bench what? ops, step, loader or train");
    CHECK(refusal({"bench", "steps"}) == "bench: 'steps' is not one of ops, step, loader or train; did you mean 'step'?");
    CHECK(refusal({"bench", "--json", "step"}) == "--json comes before the subject: begin with fgan bench ops, step, loader or train");
    CHECK(refusal({"bench", "train", "--steps=9"}).starts_with("nothing to train on"));
    CHECK(refusal({"bench", "train", "--preset=mixture", "--out=x"}) == "train.out: a run of bench train has a temporary folder");
    CHECK(refusal({"bench", "loader", "--rule=alternating"}) == "unknown option --rule");
    CHECK(refusal({"bench", "step", "--dtype=f64"}) == "--dtype=f64 is not one of f32, tf32 or bf16; did you mean 'f32'?");
  }

  TEST_CASE("fgan data") {
    const auto grid = parsed<DataCommand>({"data", "grid", "photos", "--data-size=32", "--data-fit=pad", "-o", "x.png", "-n", "9"});
    CHECK(grid.subject == DataSubject::grid);
    CHECK(grid.data.path == "photos");
    CHECK(grid.data.size == 32);
    CHECK(grid.data.fit == Fit::pad);
    CHECK(grid.grid.count == 9);
    CHECK(grid.grid.output == "x.png");
    CHECK(parsed<DataCommand>({"data", "info", "--data=photos"}).data.path == "photos");
    CHECK(parsed<DataCommand>({"data", "glyphs", "-o", "letters", "--size=16"}).glyphs.size == 16);
    CHECK(refusal({"data"}) == "data what? info, check, grid, convert or glyphs");
    CHECK(refusal({"data", "chekc", "x"}) == "data: 'chekc' is not one of info, check, grid, convert or glyphs; did you mean 'check'?");
    CHECK(refusal({"data", "check"}) == "which data? fgan data check PATH");
    CHECK(refusal({"data", "--data=x", "check"}).starts_with("--data=x comes before the subject"));
    CHECK(refusal({"data", "glyphs", "--data-size=3"}).starts_with("unknown option --data-size"));
  }

  TEST_CASE("a preset is below every other source, and its lines are the origins of its values") {
    const auto resolved = parsed<TrainCommand>({"train", "--preset=mnist-dcgan", "--data=x", "--model-width=8"}).config;
    CHECK(resolved.config.model.architecture == Architecture::dcgan);
    CHECK(resolved.config.model.width == 8);
    const auto of = [&](std::string_view section, std::string_view key) {
      for (const ResolvedValue& value : resolved.values)
        if (value.section == section && value.key == key) return value;
      return ResolvedValue{};
    };
    CHECK(of("model", "architecture").origin.starts_with("preset mnist-dcgan:"));
    CHECK(of("model", "width").origin == "command line");
    CHECK(!of("train", "preset").in_checkpoint);
    CHECK(refusal({"train", "--preset=mnist-dgcan", "--data=x"}) ==
          "there is no preset 'mnist-dgcan'; did you mean 'mnist-dcgan'?; fgan list presets names those there are");
  }

  TEST_CASE("every preset reads, says in one line what it is, and leaves the data to the user unless it draws its own") {
    CHECK(presets().size() >= 7);
    for (const Preset& preset : presets()) {
      CAPTURE(preset.name);
      const Config config = resolve(from_preset(preset.name)).config;
      CHECK(config.data.path.empty());
      CHECK(config.train.preset.empty());
      CHECK(preset.summary().ends_with("."));
      CHECK(preset.summary().size() < 120);
    }
  }

  TEST_CASE("an option may be given twice, empty, with an own word as value, and as a flag with a value") {
    const auto options = [](Words words) {
      words.insert(words.begin(), {"train", "--data=x"});
      return parsed<TrainCommand>(words).config.config;
    };
    CHECK(options({"--steps=1", "--train-steps=2"}).train.steps == 2);
    CHECK(options({"--train-steps=2", "--steps=1"}).train.steps == 1);
    CHECK(options({"--out=a", "--out="}).train.out.empty());
    CHECK(options({"--model-init-deviation", "-1"}).model.init_deviation == -1);
    CHECK(options({"--game-fresh-fakes"}).game.fresh_fakes);
    CHECK(!options({"--game-fresh-fakes", "--game-fresh-fakes=false"}).game.fresh_fakes);
    CHECK(options({"--data-weights", "1,2"}).data.weights == std::vector<double>{1, 2});
    CHECK(parsed<TrainCommand>({"train", "-n", "--data=x"}).dry_run);
  }

  TEST_CASE("wrong words are refused with what would be right") {
    CHECK(refusal({}).starts_with("what shall be done?"));
    CHECK(refusal({"trian"}) == "unknown verb 'trian'; did you mean 'train'?");
    CHECK(refusal({"--data=x", "train"}).starts_with("--data=x comes before the verb"));
    CHECK(refusal({"train", "--stepz=5"}) == "unknown option --stepz; did you mean '--steps'?");
    CHECK(refusal({"train", "-x"}).starts_with("unknown option -x"));
    CHECK(refusal({"train", "--steps"}) == "--steps needs a value");
    CHECK(refusal({"train", "--steps="}) == "--steps has no value");
    CHECK(refusal({"train", "--steps=abc"}) == "--steps=abc is not a whole number");
    CHECK(refusal({"train", "--train-steps", "-1"}) == "--train-steps=-1 is outside its range, 0 to 1000000000000 steps");
    CHECK(refusal({"train", "--game-fresh-fakes=maybe"}) == "--game-fresh-fakes=maybe is neither true nor false");
    CHECK(refusal({"train", "--rule=alternatin"}) ==
          "--rule=alternatin is not one of single-step or alternating; did you mean 'alternating'?");
    CHECK(refusal({"train"}, {{"FGAN_TRAIN_STEPS", "x"}}) == "environment: FGAN_TRAIN_STEPS=x is not a whole number");
    CHECK(refusal({"train"}).starts_with("nothing to train on: data.path is not set"));
  }

  TEST_CASE("fgan --help fits a screen, and help of a verb names each of its options") {
    const std::string help = parsed<PrintCommand>({"--help"}).text;
    CHECK(std::count(help.begin(), help.end(), '\n') <= 24);
    std::istringstream lines(help + parsed<PrintCommand>({"train", "--help"}).text);
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(line.size() <= 80, line);
    Config config;
    const OptionTable table = table_of(config);
    const std::string train = parsed<PrintCommand>({"train", "x.ini", "--help"}).text;
    for (const OptionRow& row : table.rows()) CHECK_MESSAGE(train.find(row.long_name()) != std::string::npos, row.name());
    CHECK(parsed<PrintCommand>({"--version"}).text.starts_with("fgan "));
    CHECK(parsed<PrintCommand>({"help", "sample"}).text == parsed<PrintCommand>({"sample", "-h"}).text);
  }

  TEST_CASE("help of fgan data says what it is about, and of each subject its options") {
    const std::string help = parsed<PrintCommand>({"data", "--help"}).text;
    for (const char* subject : {"info", "check", "grid", "glyphs"}) {
      const std::string usage = format("Usage: fgan data {} ", subject);
      CHECK(help.find(usage) != std::string::npos);
      const std::string own = parsed<PrintCommand>({"data", subject, "--help"}).text;
      CHECK(own.starts_with(usage));
      CHECK((own.find("--data-fit") == std::string::npos) == (std::string_view(subject) == "glyphs"));
    }
    CHECK(refusal({"data", "--size=3", "grid"}).starts_with("--size=3 comes before the subject"));
    CHECK(refusal({"data", "info", "a", "--data=b"}) == "two sets of data: 'a' and --data=b");
  }

  TEST_CASE("no two options of a training share a name") {
    Config config;
    const OptionTable table = table_of(config);
    std::vector<std::string> names;
    for (const OptionRow& row : table.rows()) {
      names.push_back(row.long_name());
      if (!row.short_name().empty() && row.short_name() != row.long_name()) names.push_back(row.short_name());
    }
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  }
}

}  // namespace fgan
