#include "config/sources.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace fgan {
namespace {

// Names of our scripts and tests, not of options.
constexpr std::array<std::string_view, 5> kOtherVariables{"FGAN_SOURCE", "FGAN_BUILD", "FGAN_DATA", "FGAN_LONG", "FGAN_PYTHON"};

// The row of [model] or [optimizer] that fills the player's row when nobody sets it.
OptionRow* shared_row(OptionTable& table, const OptionRow& row) {
  if (!is_player(row.section)) return nullptr;
  OptionRow* shared = table.find("model", row.option.key);
  return shared != nullptr ? shared : table.find("optimizer", row.option.key);
}

void fill_players(OptionTable& table) {
  for (OptionRow& row : table.rows()) {
    const OptionRow* shared = shared_row(table, row);
    if (shared == nullptr || row.origin != "default" || shared->origin == "default") continue;
    row.set(shared->get());
    row.origin = format("[{}] {}", shared->section, shared->option.key);
  }
}

// [model] and [optimizer] act through the players' rows; only what has no such row counts by itself.
bool acts_through_players(OptionTable& table, const OptionRow& row) {
  return !is_player(row.section) && (row.section == "model" || row.section == "optimizer") &&
         table.find("generator", row.option.key) != nullptr;
}

ResolvedValue resolved_value(OptionTable& table, const OptionRow& row) {
  std::string value = row.get();
  if (row.is_path && !value.empty()) value = std::filesystem::absolute(value).string();
  return {row.section, row.option.key, std::move(value), row.origin,
          row.option.affects_result && !row.is_path && !acts_through_players(table, row)};
}

// A schedule that ends with the training ends at a number from here on: a longer training is another one then, and refused to continue.
void end_schedule(OptimizerOptions& options, std::int64_t updates) {
  if (options.schedule != math::ScheduleKind::constant && options.horizon == 0) options.horizon = updates;
}

}  // namespace

Environment environment_of_process() {
  Environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (text.starts_with("FGAN_") && equals != std::string_view::npos)
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::sort(variables.begin(), variables.end());
  return variables;
}

std::vector<Assignment> from_lines(std::vector<IniLine> lines, const std::string& name, const std::filesystem::path& base) {
  std::vector<Assignment> assignments;
  for (IniLine& line : lines) {
    const std::string place = format("{}:{}", name, line.number), option = line.section + "." + line.key;
    assignments.push_back({std::move(line.section), std::move(line.key), std::move(line.value), place, place + ": ", option, " = ", base});
  }
  return assignments;
}

std::vector<Assignment> from_file(const std::filesystem::path& path) {
  return from_lines(read_ini(path), path.string(), path.parent_path());
}

std::vector<Assignment> from_environment(const Environment& environment, const OptionTable& table, std::vector<std::string>* warnings) {
  std::vector<std::string> names;
  for (const OptionRow& row : table.rows()) names.push_back(row.environment_name());
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::vector<Assignment> assignments;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("FGAN_") || std::find(kOtherVariables.begin(), kOtherVariables.end(), name) != kOtherVariables.end()) continue;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      if (warnings != nullptr)
        warnings->push_back(format("the environment variable {} is no option of fgan{}", name, suggestion(name, known)));
      continue;
    }
    const OptionRow& row = table.rows()[static_cast<std::size_t>(found - names.begin())];
    assignments.push_back({row.section, row.option.key, value, "environment " + name, "environment: ", name, "=", {}});
  }
  return assignments;
}

ResolvedConfig resolve(const std::vector<Assignment>& assignments) {
  ResolvedConfig resolved;
  OptionTable table = table_of(resolved.config);
  for (const Assignment& assignment : assignments) assign(table, assignment);
  fill_players(table);
  Config& config = resolved.config;
  end_schedule(config.players.generator.optimizer, config.train.steps);
  end_schedule(config.players.critic.optimizer,
               config.train.steps * (config.game.rule == Rule::alternating ? config.game.critic_steps : 1));
  for (const OptionRow& row : table.rows()) resolved.values.push_back(resolved_value(table, row));
  config.players.average = config.train.average;
  config.players.batch = config.train.batch;
  config.players.dequantised = config.data.dequantise;
  return resolved;
}

}  // namespace fgan
