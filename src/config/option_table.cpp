#include "config/option_table.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/text.h"
#include "config/config.h"

namespace fgan {
namespace {

std::string hyphenated(std::string text) {
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

// Long enough to recognise the value in a message of one line.
std::string clipped(std::string_view value) {
  constexpr std::size_t kShown = 60;
  return value.size() <= kShown ? std::string(value) : std::string(value.substr(0, kShown)) + "...";
}

[[noreturn]] void unknown_section(const OptionTable& table, const Assignment& a) {
  fail(Exit::usage, "{}unknown section [{}]{}", a.where, clipped(a.section), suggestion(a.section, table.sections()));
}

[[noreturn]] void unknown_key(const OptionTable& table, const Assignment& a) {
  const auto elsewhere = std::find_if(table.rows().begin(), table.rows().end(),
                                      [&](const OptionRow& row) { return row.option.key == a.key && !is_player(row.section); });
  std::string hint = suggestion(a.key, table.keys(a.section));
  if (elsewhere != table.rows().end()) hint = format("; it belongs to [{}]", elsewhere->section);
  fail(Exit::usage, "{}unknown key '{}' in [{}]{}", a.where, clipped(a.key), a.section, hint);
}

std::string resolved_path(const Assignment& a) {
  const std::filesystem::path path = a.value;
  return a.base.empty() || path.empty() || path.is_absolute() ? a.value : (a.base / path).string();
}

// Of the value as the resolved configuration will have it.
void check_length(const OptionRow& row) {
  std::string text = row.get();
  if (row.is_path && !text.empty()) text = std::filesystem::absolute(text).string();
  if (text.size() > kLongestValue) fail(Exit::usage, "is longer than {} bytes", kLongestValue);
}

}  // namespace

std::string OptionRow::name() const { return section.empty() ? option.key : section + "." + option.key; }

std::string OptionRow::long_name() const { return "--" + hyphenated(section.empty() ? option.key : section + "-" + option.key); }

std::string OptionRow::short_name() const {
  const std::string name = option.short_name;
  return name.empty() ? name : (name.size() == 1 ? "-" : "--") + name;
}

std::string OptionRow::environment_name() const {
  if (section.empty()) return {};
  std::string text = "FGAN_" + section + "_" + option.key;
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

OptionRow* OptionTable::find(std::string_view section, std::string_view key) {
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [&](const OptionRow& row) { return row.section == section && row.option.key == key; });
  return found == rows_.end() ? nullptr : &*found;
}

std::vector<std::string_view> OptionTable::sections() const {
  std::vector<std::string_view> names;
  for (const OptionRow& row : rows_)
    if (names.empty() || names.back() != row.section) names.push_back(row.section);
  return names;
}

std::vector<std::string_view> OptionTable::keys(std::string_view section) const {
  std::vector<std::string_view> names;
  for (const OptionRow& row : rows_)
    if (row.section == section) names.push_back(row.option.key);
  return names;
}

OptionTable table_of(Config& config) {
  OptionTable table;
  table.section("data", config.data);
  table.section("model", config.model, config.players.latent);
  table.section("generator", config.players.generator.model, config.players.generator.optimizer);
  table.section("critic", config.players.critic.model, config.players.critic.optimizer);
  table.section("optimizer", config.optimizer);
  table.section("game", config.game);
  table.section("train", config.train);
  table.section("log", config.log);
  table.section("device", config.device);
  return table;
}

void assign(OptionTable& table, const Assignment& a) {
  if (table.keys(a.section).empty()) unknown_section(table, a);
  if (a.key.empty()) return;  // the header of a section
  OptionRow* row = table.find(a.section, a.key);
  if (row == nullptr) unknown_key(table, a);
  if (a.value.empty() && !row->may_be_empty) fail(Exit::usage, "{}{} has no value", a.where, a.name);
  try {
    row->set(row->is_path ? resolved_path(a) : a.value);
    check_length(*row);
  } catch (const Error& error) {
    fail(error.exit(), "{}{}{}{} {}", a.where, a.name, a.equals, clipped(a.value), error.what());
  }
  row->origin = a.origin;
}

}  // namespace fgan
