// Where values come from, and the resolved configuration that reads back.
#include <doctest/doctest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "config/command_line.h"
#include "scratch.h"

namespace fgan {
namespace {

using test::Scratch;

const ResolvedValue& value_at(const ResolvedConfig& resolved, const std::string& section, const std::string& key) {
  for (const ResolvedValue& value : resolved.values)
    if (value.section == section && value.key == key) return value;
  FAIL("no such value");
  std::abort();
}

ResolvedConfig resolved_from(const std::filesystem::path& file) { return resolve(from_file(file)); }

std::vector<std::pair<std::string, std::string>> texts(const ResolvedConfig& resolved) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const ResolvedValue& value : resolved.values) pairs.emplace_back(value.section + "." + value.key, value.value);
  return pairs;
}

constexpr const char* kFile = R"(
[data]
path = images
[model]
architecture = dcgan
width = 96
latent = 50
[critic]
width = 32
learning_rate = 1e-4
[optimizer]
beta1 = 0.25
[game]
divergence = pearson
generator_divergence =
[train]
steps = 10
batch = 20
seed = 30
out = runs/x
)";

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("the order is defaults, file, environment, command line, wherever the file stands among the words") {
    const Scratch folder;
    const std::string file = (folder / "a.ini").string();
    write_file(file, kFile);
    const Environment environment{{"FGAN_TRAIN_BATCH", "21"}, {"FGAN_TRAIN_SEED", "31"}};
    using Words = std::vector<std::string>;
    for (const Words& words :
         {Words{"train", "--seed=32", file}, Words{"train", file, "--seed", "32"}, Words{"train", "--train-seed=5", file, "--seed=32"}}) {
      const CommandLine line = parse_command_line(words, environment);
      const auto& train = std::get<TrainCommand>(line.command);
      CHECK(train.config.config.train.keep == 3);
      CHECK(train.config.config.train.steps == 10);
      CHECK(train.config.config.train.batch == 21);
      CHECK(train.config.config.train.seed == 32);
      CHECK(value_at(train.config, "train", "keep").origin == "default");
      CHECK(value_at(train.config, "train", "steps").origin == file + ":17");
      CHECK(value_at(train.config, "train", "batch").origin == "environment FGAN_TRAIN_BATCH");
      CHECK(value_at(train.config, "train", "seed").origin == "command line");
      CHECK(train.config.config.file == file);
    }
  }

  TEST_CASE("paths in a file are relative to the file, others to the working folder") {
    const Scratch folder;
    write_file(folder / "a.ini", kFile);
    const ResolvedConfig resolved = resolved_from(folder / "a.ini");
    CHECK(resolved.config.data.path == folder / "images");
    CHECK(resolved.config.train.out == folder / "runs/x");
    const CommandLine line = parse_command_line({"train", "--data=images", "--steps=1"}, {});
    CHECK(std::get<TrainCommand>(line.command).config.config.data.path == "images");
  }

  TEST_CASE("a player takes from [model] and [optimizer] what its own section leaves open") {
    const Scratch folder;
    write_file(folder / "a.ini", kFile);
    const ResolvedConfig resolved = resolved_from(folder / "a.ini");
    const PlayersOptions& players = resolved.config.players;
    CHECK(players.generator.model.width == 96);
    CHECK(players.critic.model.width == 32);
    CHECK(players.critic.model.architecture == Architecture::dcgan);
    CHECK(players.critic.optimizer.beta1 == 0.25);
    CHECK(players.critic.optimizer.learning_rate == 1e-4);
    CHECK(players.generator.optimizer.learning_rate == 2e-4);
    CHECK(players.latent.latent == 50);
    CHECK(value_at(resolved, "generator", "width").origin == "[model] width");
    CHECK(value_at(resolved, "critic", "beta1").origin == "[optimizer] beta1");
    CHECK(value_at(resolved, "generator", "slope").origin == "default");
  }

  TEST_CASE("a schedule that ends with the training ends at a number, for a critic of k steps at k times the generator's") {
    const Scratch folder;
    write_file(folder / "a.ini",
               "[data]\npath = x\n[optimizer]\nschedule = cosine\n[game]\nrule = alternating\ncritic_steps = 3\n[train]\nsteps = 10\n");
    const ResolvedConfig resolved = resolved_from(folder / "a.ini");
    CHECK(resolved.config.players.generator.optimizer.horizon == 10);
    CHECK(resolved.config.players.critic.optimizer.horizon == 30);
    CHECK(result_settings(resolved).at("critic.horizon") == "30");
  }

  TEST_CASE("the resolved configuration reads back as itself") {
    const Scratch folder;
    write_file(folder / "a.ini", kFile);
    const ResolvedConfig first = resolved_from(folder / "a.ini");
    write_file(folder / "b.ini", to_ini(first));
    const ResolvedConfig second = resolved_from(folder / "b.ini");
    CHECK(texts(first) == texts(second));
    CHECK(result_settings(first) == result_settings(second));
  }

  TEST_CASE("the resolved configuration reads back whatever the length of its values, up to the longest") {
    const auto resolved = [](const std::string& path, const std::string& deviations) {
      return resolve(from_lines({{1, "data", "path", path}, {2, "data", "deviations", deviations}}, std::string(4000, 'n'), "/folder"));
    };
    std::string numbers = "9e15";  // 9000000000000000
    while ((numbers.size() + 1) / 5 * 18 + 18 <= kLongestValue) numbers += ",9e15";
    const std::string folder = "/folder/", path(kLongestValue - folder.size(), 'p');
    const ResolvedConfig longest = resolved(path, numbers);
    CHECK(texts(resolve(from_lines(parse_ini(to_ini(longest), "again"), "again", {}))) == texts(longest));
    CHECK_THROWS_WITH_AS(resolved("p", numbers + ",9e15"), doctest::Contains("is longer than 4096 bytes"), Error);
    CHECK_THROWS_WITH_AS(resolved(path + "p", "1"), doctest::Contains("is longer than 4096 bytes"), Error);
  }

  TEST_CASE("settings of a checkpoint hold what the result depends on, no path, and make the same networks") {
    const Scratch folder;
    write_file(folder / "a.ini", kFile);
    const ResolvedConfig resolved = resolved_from(folder / "a.ini");
    const std::map<std::string, std::string> settings = result_settings(resolved);
    CHECK(settings.at("critic.width") == "32");
    CHECK(settings.at("model.latent") == "50");
    CHECK(settings.at("game.divergence") == "pearson");
    for (const char* absent : {"data.path", "train.out", "train.steps", "log.every", "model.width", "optimizer.beta1"})
      CHECK(!settings.contains(absent));
    for (const auto& [name, value] : settings) CHECK(value.find(folder.folder().string()) == std::string::npos);
    const Config config = config_from_settings(settings);
    CHECK(config.players.critic.model.width == 32);
    CHECK(config.players.generator.model.width == 96);
    CHECK(config.game.divergence == math::DivergenceId::pearson);
    CHECK_THROWS_AS(config_from_settings({{"game.colour", "red"}}), Error);
  }

  TEST_CASE("a message about options that contradict each other begins with the place of the first") {
    const Scratch folder;
    const std::filesystem::path file = folder / "a.ini";
    write_file(file, "[game]\ncritic_steps = 3\n");
    const ResolvedConfig resolved = resolved_from(file);
    CHECK(located("game.critic_steps = 3 needs game.rule", resolved) == file.string() + ":2: game.critic_steps = 3 needs game.rule");
    CHECK(located("game.critic = 3", resolved) == "game.critic = 3");
    CHECK(located("train.batch is too large", resolved) == "train.batch is too large");
  }

  TEST_CASE("an unknown section, and a key in the wrong one, are named with their place and what would be right") {
    const auto refusal = [](const char* text) {
      try {
        resolve(from_lines(parse_ini(text, "a.ini"), "a.ini", {}));
      } catch (const Error& error) {
        return std::string(error.what());
      }
      return std::string("accepted");
    };
    CHECK(refusal("[data]\n[trian]\nsteps = 3\n") == "a.ini:2: unknown section [trian]; did you mean 'train'?");
    CHECK(refusal("[data]\nsteps = 3\n") == "a.ini:2: unknown key 'steps' in [data]; it belongs to [train]");
    CHECK(refusal("[train]\nsetps = 3\n") == "a.ini:2: unknown key 'setps' in [train]; did you mean 'steps'?");
    CHECK(refusal("[data]\nkind =\n") == "a.ini:2: data.kind has no value");
    CHECK(refusal(("[train]\nseed = " + std::string(3000, '7')).c_str()) ==
          "a.ini:2: train.seed = " + std::string(60, '7') + "... is not a whole number");
  }

  TEST_CASE("of the process's variables those of fgan are options, in the order of their names") {
    const auto is_ours = [](const auto& variable) { return variable.first == "FGAN_TRAIN_SEED" || variable.first == "FGAN_TRAIN_BATCH"; };
    ::setenv("FGAN_TRAIN_SEED", "7=8", 1);
    ::setenv("FGAN_TRAIN_BATCH", "", 1);
    ::setenv("XFGAN_TRAIN_BATCH", "3", 1);
    Environment found = environment_of_process();
    for (const char* name : {"FGAN_TRAIN_SEED", "FGAN_TRAIN_BATCH", "XFGAN_TRAIN_BATCH"}) ::unsetenv(name);
    for (const auto& [name, value] : found) CHECK(name.starts_with("FGAN_"));
    std::erase_if(found, [&](const auto& variable) { return !is_ours(variable); });
    CHECK(found == Environment{{"FGAN_TRAIN_BATCH", ""}, {"FGAN_TRAIN_SEED", "7=8"}});
  }

  TEST_CASE("variables that look like options and are none are named with the nearest") {
    const CommandLine line =
        parse_command_line({"train", "--data=x"}, {{"FGAN_TRAIN_STEP", "3"}, {"FGAN_DATA", "y"}, {"FGAN_SOURCE", "z"}});
    REQUIRE(line.warnings.size() == 1);
    CHECK(line.warnings[0] == "the environment variable FGAN_TRAIN_STEP is no option of fgan; did you mean 'FGAN_TRAIN_STEPS'?");
  }
}

}  // namespace fgan
